"""HDF5 files that are written onto a disk that may become full.

HDF5 keeps numbers in memory until a file or a data set is closed. Where the disk refuses them then, the library
crashes the interpreter. So a small file is made in memory and written as plain bytes, and for a large one the room is
reserved first.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from core.store.columns import PARTIAL, replace_file

SLACK: float = 1.05
"""Room that is reserved for a file, of the bytes that go into it; its own tables take the rest."""


@contextmanager
def file_in_memory(path: Path) -> Iterator[h5py.File]:
    """A new file for a ``with`` statement, made in memory; on the disk when it ends without an error.

    Raises:
        OSError: the disk refuses; nothing of this name is there.
    """
    with h5py.File(path.name, "w", driver="core", backing_store=False) as file:
        yield file
        file.flush()
        image = file.id.get_file_image()
    try:
        replace_file(path, image, sync=True)
    except OSError:
        path.with_name(path.name + PARTIAL).unlink(missing_ok=True)
        raise


def require_room(folder: Path, size: int) -> None:
    """Make sure that a file of so many bytes finds room in a folder now.

    Raises:
        OSError: it does not (ENOSPC, EFBIG or EDQUOT).
    """
    size = int(size * SLACK) + (1 << 20)
    if not hasattr(os, "posix_fallocate"):
        if shutil.disk_usage(folder).free < size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        return
    place = folder / f"room{PARTIAL}"
    try:
        with open(place, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error
    finally:
        place.unlink(missing_ok=True)
