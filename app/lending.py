"""
Running a program as another user of the machine, when we are root and it refuses to be.

No folder is opened to others for it: where the way to its files is closed, the program keeps
root's right to pass through, and no other right.
"""

import os
import pwd
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.problems import Problem, Words

UNTRUSTED_USERS: Final = ("postgres", "nobody")
"""Whom root lends to: the first of these that the machine knows."""


def untrusted_user() -> pwd.struct_passwd:
    """
    Whom root lends to.

    Raises:
        Problem: the machine knows none of them.
    """
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in UNTRUSTED_USERS:
        if name in known:
            return known[name]
    raise Problem(
        Words("root 不能运行 PostgreSQL。", "PostgreSQL does not run as root."),
        how=Words("改用普通用户运行。", "Run as an ordinary user."),
    )


def acting_as(user: pwd.struct_passwd, *, through: Sequence[Path]) -> list[str]:
    """
    Words before a command that make it run as *user*; none if that is who we are.

    Args:
        user: who the command is to run as.
        through: folders that it must be able to reach.

    Raises:
        Problem: the program setpriv is missing.
    """
    if os.geteuid() == user.pw_uid:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise Problem(
            Words(
                "以 root 运行内嵌数据库需要 setpriv (util-linux)。",
                "Running the embedded database as root needs setpriv (util-linux).",
            ),
            how=Words("改用普通用户运行。", "Run as an ordinary user instead."),
        )
    command = [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if not all(_may_enter(path, user) for path in through):
        command += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [*command, "--"]


def give(path: Path, owner: pwd.struct_passwd) -> None:
    """Make it the owner's, if it is not; only root can."""
    if path.stat().st_uid != owner.pw_uid:
        os.chown(path, owner.pw_uid, owner.pw_gid)


def private_folder(path: Path, owner: pwd.struct_passwd) -> None:
    """
    Make a folder for the owner alone.

    Raises:
        Problem: somebody else has put one there.
    """
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid not in {os.geteuid(), owner.pw_uid}:
        raise Problem(
            Words("套接字目录属于他人。", "The folder for the socket is somebody else's."),
            where=str(path),
            how=Words("把 HENGWEN_HOME 设为较短的路径。", "Set HENGWEN_HOME to a shorter path."),
        )
    path.chmod(0o700)
    give(path, owner)


def _may_enter(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether *user* may pass through every folder down to *path*."""
    for folder in (path, *path.parents):
        mode = folder.stat()
        if not mode.st_mode & (0o100 if mode.st_uid == user.pw_uid else 0o001):
            return False
    return True
