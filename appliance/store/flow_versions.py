"""The versions of each flow, and its draft: tables of settings.db.

What is published stands in the site; here is how it came to be so. A version is written in the
transaction that saves its site (settings.py), so the newest version of a flow and the flow of the
site are the same document, whoever saved it: command line, page or program.
"""

import sqlite3
from collections.abc import Collection

import msgspec

from appliance.store.transaction import transaction
from appliance.vocabulary.flow_versions import KEPT_VERSIONS, FlowDraft, FlowVersion
from appliance.vocabulary.ids import FlowId, Utc
from appliance.vocabulary.settings import Flow, Site

_encode = msgspec.json.encode
"""In the order in which people wrote it, which is the order in which they read it again."""
_decode = msgspec.json.Decoder(Flow).decode

COLUMNS = "flow, version, at, by, why, back_to, document"


class FlowVersions:
    """Both tables. Nothing in them is changed in place but a draft."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    # --- versions ---
    def numbered(self, site: Site) -> Site:
        """Return the site with its flows' version numbers."""
        rows = self._connection.execute(
            "SELECT flow, MAX(version) FROM flow_versions GROUP BY flow"
        )
        newest = dict(rows.fetchall())
        numbers = {one.id: newest[one.id] for one in site.flow if one.id in newest}
        return msgspec.structs.replace(site, flow_versions=numbers)

    def note(self, site: Site, *, by: str, at: Utc, why: str, back_to: int) -> None:
        """Give each flow that is not as its newest version a new one. Within a transaction."""
        for flow in site.flow:
            newest = self._versions("WHERE flow = ? ORDER BY version DESC LIMIT 1", (flow.id,))
            if newest and newest[0].content == flow:
                continue
            version = newest[0].version + 1 if newest else 1
            self._connection.execute(
                f"INSERT INTO flow_versions ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (flow.id, version, at, by, why, back_to, _encode(flow).decode()),
            )

    def versions(self, flow: FlowId) -> list[FlowVersion]:
        """Return the versions of a flow that are kept, newest first; also of one that is gone."""
        return self._versions("WHERE flow = ? ORDER BY version DESC", (flow,))

    def version(self, flow: FlowId, version: int) -> FlowVersion | None:
        """Return one of them."""
        found = self._versions("WHERE flow = ? AND version = ?", (flow, version))
        return found[0] if found else None

    def known(self) -> list[FlowId]:
        """Return the names of all flows that have or had a version or have a draft."""
        rows = self._connection.execute(
            "SELECT flow FROM flow_versions UNION SELECT flow FROM flow_drafts ORDER BY flow"
        )
        return [FlowId(flow) for (flow,) in rows]

    def forget_old(self, in_use: Collection[tuple[FlowId, int]]) -> list[tuple[FlowId, int]]:
        """Delete all but the last of each flow, and those that calls run on; return which."""
        with transaction(self._connection):
            rows = self._connection.execute(
                "SELECT flow, version FROM flow_versions AS one WHERE version <="
                " (SELECT MAX(version) FROM flow_versions WHERE flow = one.flow) - ?",
                (KEPT_VERSIONS,),
            ).fetchall()
            old = [(FlowId(flow), int(version)) for flow, version in rows]
            gone = [one for one in old if one not in in_use]
            self._connection.executemany(
                "DELETE FROM flow_versions WHERE flow = ? AND version = ?", gone
            )
        return gone

    def _versions(self, which: str, bound: tuple[str | int, ...]) -> list[FlowVersion]:
        rows = self._connection.execute(f"SELECT {COLUMNS} FROM flow_versions {which}", bound)
        return [
            FlowVersion(
                flow=FlowId(flow),
                version=version,
                at=Utc(at),
                by=by,
                why=why,
                back_to=back_to,
                content=_decode(document),
            )
            for flow, version, at, by, why, back_to, document in rows
        ]

    # --- drafts ---
    def draft(self, flow: FlowId) -> FlowDraft | None:
        """Return what somebody works on."""
        row = self._connection.execute(
            "SELECT at, by, why, based_on, document FROM flow_drafts WHERE flow = ?", (flow,)
        ).fetchone()
        if row is None:
            return None
        at, by, why, based_on, document = row
        return FlowDraft(
            flow=flow,
            at=Utc(at),
            by=by,
            why=why,
            based_on=based_on,
            content=_decode(document),
        )

    def keep_draft(self, draft: FlowDraft) -> None:
        """Keep it in the place of the one that there is."""
        with transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO flow_drafts (flow, at, by, why, based_on, document)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    *(draft.flow, draft.at, draft.by, draft.why, draft.based_on),
                    _encode(draft.content).decode(),
                ),
            )

    def drop_draft(self, flow: FlowId) -> bool:
        """Forget it; False: there was none."""
        with transaction(self._connection):
            gone = self._connection.execute("DELETE FROM flow_drafts WHERE flow = ?", (flow,))
        return gone.rowcount > 0
