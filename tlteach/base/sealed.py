"""Tables in Parquet that tell whether they still are what was written."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlteach.base.whole import DamagedError, atomic_write

if TYPE_CHECKING:
    import pandas as pd

SEAL = b"tlteach.sha256"


def write_sealed(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table, with a hash of all that it holds inside; it outlives a power cut.

    Parameters
    ----------
    table : DataFrame
        Its index is not kept.
    path : str or Path
        The Parquet file.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> write_sealed(pd.DataFrame({"value": [0.5]}), path)
    >>> read_sealed(path)["value"].tolist()
    [0.5]
    """
    import pyarrow as pa
    from pyarrow import parquet

    arrow = pa.Table.from_pandas(table, preserve_index=False)
    known = {**(arrow.schema.metadata or {}), SEAL: _digest(arrow).encode()}
    with atomic_write(path, lasting=True) as temporary:
        parquet.write_table(arrow.replace_schema_metadata(known), temporary)


def read_sealed(path: str | Path) -> pd.DataFrame:
    """Read a table that `write_sealed` wrote.

    Parameters
    ----------
    path : str or Path
        The Parquet file.

    Returns
    -------
    DataFrame
        Equal to what was written.

    Raises
    ------
    DamagedError
        If it cannot be read, or holds anything else than what was written.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> pd.DataFrame({"value": [0.99]}).to_parquet(path)
    >>> read_sealed(path)
    Traceback (most recent call last):
        ...
    tlteach.base.whole.DamagedError: a.parquet was not written by tlteach, or changed since
    """
    from pyarrow import ArrowException, parquet

    path = Path(path)
    try:
        arrow = parquet.ParquetFile(path).read()
        table: pd.DataFrame = arrow.to_pandas()
        seal = (arrow.schema.metadata or {}).get(SEAL, b"").decode()
        same = seal == _digest(arrow)
    except FileNotFoundError:
        raise
    except (ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        msg = f"{path.name} is damaged: {str(error).splitlines()[0]}"
        raise DamagedError(msg) from error
    if not seal:
        msg = f"{path.name} was not written by tlteach, or changed since"
        raise DamagedError(msg)
    if not same:
        msg = f"{path.name} is damaged or was changed: its values do not fit their hash"
        raise DamagedError(msg)
    return table


def _digest(table: Any) -> str:
    """Return a hash of names, types and values, whatever the layout of the file."""
    schema = table.schema
    digest = hashlib.sha256((schema.metadata or {}).get(b"pandas", b""))  # what pandas goes by
    for field in schema:
        values = table.column(field.name).to_pylist()
        digest.update(f"{field.name} {field.type} {len(values)}\n".encode())
        digest.update("\n".join(map(repr, values)).encode())
    return digest.hexdigest()
