from .doctor import examine as examine
from .handin import report as report
from .page import Section as Section, Table as Table, write_report as write_report
from .warm import warmup as warmup
