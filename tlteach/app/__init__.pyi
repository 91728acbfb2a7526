from .doctor import examine as examine
from .report import Section as Section
from .report import Table as Table
from .report import write_report as write_report
from .warm import warmup as warmup
