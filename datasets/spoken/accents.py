# ruff: noqa: RUF001 (Cyrillic letters that look like Latin ones)
"""Which words, accents and synthetic voices: what espeak-ng is told to say in each domain."""

from __future__ import annotations

from typing import NamedTuple

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
COMMANDS = ["yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"]
WORDS = DIGITS + COMMANDS

# The foreign voices read respellings, so that each word is made of that language's own sounds.
# Hindi and Japanese are how these languages write the English words; the others are ours.
RESPELLED = {
    "de": "siroh wann tuh sri foor faif ßicks ßäwwen eht nain "
    "jess noh app daun left rait onn off stopp goh",
    "fr": "ziro ouane tou sri fore faillve sixe sévène eïte naillne "
    "yesse nô eupe daoune lefte raillte onne ofe stope gô",
    "es": "sirou uan tu sri for faiv siks seven eit nain yes nou ap daun left rait on of estop gou",
    "it": "zirou uan tu tri fòr faiv sics seven eit nain ies nou ap daun left rait on off stop gou",
    "ru": "зироу ван ту сри фор файв сикс севен эйт найн йес ноу ап даун лефт райт он оф стоп гоу",
    "hi": "ज़ीरो वन टू थ्री फ़ोर फ़ाइव सिक्स सेवन एट नाइन यस नो अप डाउन लेफ़्ट राइट ऑन ऑफ़ स्टॉप गो",
    "ja": "ゼロ ワン ツー スリー フォー ファイブ シックス セブン エイト ナイン "
    "イエス ノー アップ ダウン レフト ライト オン オフ ストップ ゴー",
}


class Domain(NamedTuple):
    """One accent spoken by one synthetic voice."""

    name: str
    language: str  # espeak-ng's voice file; "en-gb+f1" would silently ignore the f1, "en+f1" not
    variant: str  # espeak-ng's name of the speaker: formants and pitch

    @property
    def voice(self) -> str:
        """What espeak-ng's -v is given."""
        return f"{self.language}+{self.variant}"

    @property
    def texts(self) -> list[str]:
        """What the voice is given to read for each word."""
        return RESPELLED[self.language].split() if self.language in RESPELLED else list(WORDS)


DOMAINS = [
    Domain("source_british_m", "en", "m1"),
    Domain("source_british_f", "en", "f1"),
    Domain("source_american_m", "en-us", "m3"),
    Domain("source_american_f", "en-us", "f2"),
    Domain("source_received_m", "en-gb-x-rp", "m4"),
    Domain("source_received_f", "en-gb-x-rp", "f3"),
    Domain("source_new_york_m", "en-us-nyc", "m5"),
    Domain("source_new_york_f", "en-us-nyc", "f5"),
    Domain("source_lancaster_m", "en-gb-x-gbclan", "m7"),
    Domain("source_lancaster_f", "en-gb-x-gbclan", "linda"),
    Domain("target_scottish", "en-gb-scotland", "m6"),
    Domain("target_west_midlands", "en-gb-x-gbcwmd", "Annie"),
    Domain("target_caribbean", "en-029", "pedro"),
    Domain("target_german", "de", "Alicia"),
    Domain("target_french", "fr", "miguel"),
    Domain("target_spanish", "es", "antonio"),
    Domain("target_italian", "it", "sandro"),
    Domain("target_russian", "ru", "aunty"),
    Domain("target_hindi", "hi", "victor"),
    Domain("target_japanese", "ja", "Andrea"),
]
