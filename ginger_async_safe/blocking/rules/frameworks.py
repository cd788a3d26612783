"""Rules of the check alone: caches, mail and storages of GingerDJ and Django, whose backends are a setting."""

from __future__ import annotations

from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["FRAMEWORKS"]

_OF_CACHES = "add clear decr decr_version delete delete_many get get_many get_or_set has_key incr incr_version set set_many touch"
_OF_STORAGES = (
    "delete exists get_accessed_time get_available_name get_created_time get_modified_time listdir open save size"
)
_MAIL = "send_mail send_mass_mail mail_admins mail_managers EmailMessage.send EmailMultiAlternatives.send"
_ROWS = (
    (
        "core.cache",
        "cache",
        [f"{owner}.{name}" for owner in ("cache", "caches") for name in _OF_CACHES.split()],
        "await cache.a…(...), the method of the same name with an a",
        "it waits for the cache, which may be a server, a database or files",
        "network",
    ),
    ("core.mail", "mail", _MAIL.split(), "", "it waits for the mail server", "network"),
    (
        "core.files.storage",
        "storage",
        [
            f"{owner}.{name}"
            for owner in ("default_storage", "storages", "FileSystemStorage", "Storage")
            for name in _OF_STORAGES.split()
        ],
        "",
        "it waits for the file system, or for a server",
        "files",
    ),
)

FRAMEWORKS = tuple(
    BlockingCall(
        f"{framework}.{module}.{name}",
        id=f"{framework}.{rule}",
        fix=fix,
        category=category,
        reason=reason,
        is_static=True,
    )
    for framework in ("django", "gingerdj")
    for module, rule, names, fix, reason, category in _ROWS
    for name in names
)
