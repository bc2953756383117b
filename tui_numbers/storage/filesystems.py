"""Which file systems share no memory between machines, as the quicker journal mode needs it."""

from pathlib import Path

_REMOTE = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gfs2"}
    | {"ocfs2", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.davfs", "davfs", "virtiofs"}
)
_MOUNTS = Path("/proc/self/mounts")


def is_remote(path: Path, mounts: Path = _MOUNTS) -> bool:
    """Tell whether ``path`` is on a network file system, as far as the system says (Linux)."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
        real = path.resolve()
    except OSError:
        return False
    kind, longest = "", -1
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " "))
        # A later mount on the same point hides the earlier one.
        if real.is_relative_to(point) and len(point.parts) >= longest:
            kind, longest = fields[2], len(point.parts)
    return kind in _REMOTE
