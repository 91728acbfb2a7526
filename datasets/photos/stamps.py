"""The photographs chosen by eye from the Debian package: class, folder and file.

A word is one file without `.png`. A plus sign joins files that are one group, which never spans
two splits: mirrored copies, one picture in two colours, and what may be one thing seen twice.
"""

CLASSES = {
    "bird": {
        "animals/birds": """
            adelaide-rosella blackbird chicken_profile crow crowned_crane cuckoo drake duck gander
            guineafowl hen lark little-penguin magellanic_penguin magpie nandou ostrich owl peacock
            penguin pigeon pink_flamingo quetzal rainbow-lorikeet rooster seagull silver-gull tucan
            turkey vulture""",
    },
    "hoofed_mammal": {
        "animals/mammals": """
            giraffe hippopotamus pig pig_golden+pig_golden2 rhino_black wildboar""",
        "animals/mammals/bovines": """
            bison bull cow cow_white gnu-baby+gnu-baby-stand+gnu-sitting+gnu-stand goat
            indian_blackbuck mountaingoat ram sheep sheep_lamb yak zebu""",
        "animals/mammals/camel": "camel",
        "animals/mammals/deer": "caribou deer doe wapiti",
        "animals/mammals/equines": "donkey donkey_eating horse zebra",
    },
    "other_mammal": {
        "animals/mammals": "badger elephant ferret rabbit_little",
        "animals/mammals/apes": "chimp gorilla tamarin_emperor",
        "animals/mammals/aquatic": "otter",
        "animals/mammals/bears": "bear european-bear",
        "animals/mammals/cats": "lion lion-2 tiger tiger_sumatran",
        "animals/mammals/dogs": "dingo fox",
        "animals/mammals/rodents": """
            beaver capybara marmot mouse rabbit rabbit-2 rat squirrel""",
        "animals/marsupials": "kangaroo koala wombat",
    },
    "sea_reptile_bug": {
        "animals/amphibians": "frog frog-1",
        "animals/fish": """
            bluegroper butterflyfish clownfish coraltrout dolphinfish lionfish lobster moonwrasse
            seahorse stripedfish""",
        "animals/insects": "fly grasshopper hornet hoverfly mantis xanthia",
        "animals/lizards": "iguana",
        "animals/mammals/aquatic": "dolphin sea_lion whale",
        "animals/shellfish": "abalone murray-mussel",
    },
    "fruit_nut": {
        "food/fruit": """
            apple_fuji apple_granny_smith apple_green+apple_red apple_sierra_beauty avocado banana
            cherimoya kiwi lemon mandarine mango orange orange_seville pear pomegranate raspberry
            strawberry""",
        "food/nuts": "almond pecan walnut",
        "plants/trees": "rambutan",
    },
    "vegetable": {
        "food/spices": "ginger",
        "food/vegetables": """
            broccoli carrot chilepepper corn eggplant garlic garlics lettuce mushroom onion
            pattypan_squash pepper potato pumpkin_small redlettuce tomato yam yellowpepper""",
        "plants/mushrooms": "cep+cep-1+cep-2",
    },
    "plant": {
        "plants": "eggplant lavender lettuce_bolted thyme",
        "plants/flowers": """
            anemone_red daffodil flower1 flower2 flower3 flower4 flower5 flower6 flower7 flower8
            flower9 flower10 iris marigold pigface red-gazania rose whitestar-petunia
            yellow-flower""",
        "plants/trees": "birch holly_leaves holm_oak liberia-palm pinecone tree336",
        "seasonal/christmas": "Christmas_Tree_photo",
    },
    "tool": {
        "household": "key",
        "household/arttools": "pen_dryerase scissors_small_closed+scissors_small_open",
        "household/tools": """
            cementmixer hammer mallet_metal measuring_tape+measuring_tape_mirror paintbrush_large
            plyers saw spade toolbox wrench wrench_adjustable wrench_plumbers""",
        "medical": "stethoscope syringe",
    },
    "household": {
        "animals/mammals/bears/toys": "edward_bear",
        "clothes": "clothespin_new clothespin_old",
        "hobbies": "binoculars camera_35mm",
        "household": """
            cylinder garbagecan home_compost_bin kettle rubberduck toilet wheelie_bin""",
        "household/dishes": "mug pitcher_small teapot",
        "household/dishes/utensils": "nutcracker pepper_grinder",
        "people/toys": "grannysmith",
        "sports": "trophy_cup",
    },
    "vehicle": {
        "military": "paratrooper",
        "military/vehicles": """
            bradley+bradley_mirror f22_raptor ww2_german_gun""",
        "space": "apollo_lander voyager2",
        "vehicles": "garbagetruck wheel_tractor",
        "vehicles/auto": "beetle sportscar2 truck",
        "vehicles/construction": "dumper+dumper_mirror",
        "vehicles/cycle": "pink_tricycle",
        "vehicles/flight": "balloon360",
        "vehicles/flight/planes": "747",
        "vehicles/masstransit": "green_korean_bus",
        "vehicles/race": "indycar",
        "vehicles/ship": "chineseJunk walnutBoat",
    },
    "coin": {
        "symbols/money/canadian/coins": """
            001penny 005nickel 010dime 025quarter 100loonie 200toonie""",
        "symbols/money/japanese": "yen001 yen005 yen010 yen050 yen100 yen500",
        "symbols/money/us/coins": """
            001penny 005nickel 010dime 025quarter 050kennedy-halfdollar 100sacagawea""",
    },
}
