from .doctor import examine as examine
from .report import Section as Section, Table as Table, write_report as write_report
from .warm import warmup as warmup
