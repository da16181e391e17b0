"""`linghe apply FILE`: make the box what the file says. All or nothing, and no call is dropped."""

import argparse
import secrets
import sys
import time
from contextlib import nullcontext
from pathlib import Path

from appliance.daemons.command_line import publishing
from appliance.daemons.command_line.applied import kept_secrets, note_applied
from appliance.daemons.command_line.apply_checked import checked
from appliance.daemons.command_line.speaking import rendered
from appliance.daemons.command_line.tables_found import (
    check_keys,
    rowless_tables,
    tables_to_go,
    take_up_keys,
)
from appliance.daemons.command_line.taking_up import alone, taken_up, tell_made
from appliance.daemons.command_line.verb import (
    EXIT_DONE,
    EXIT_REFUSED,
    EXIT_USAGE,
    note,
    opened_settings,
    paths,
    print_json,
)
from appliance.daemons.music import music_names
from appliance.daemons.own_prompts import prompt_names
from appliance.reports.flow_way import advice_sentences
from appliance.speech.named import unsaid_sentences
from appliance.store.secrets import Secrets
from appliance.store.site_file import SecretsGiven, read_site
from appliance.vocabulary.errors import RefusedError
from appliance.vocabulary.ids import Utc, WebhookId
from appliance.vocabulary.linghe_json import Applied
from appliance.vocabulary.settings import Language, Site

NAME = "apply"
HELP = "make the box what a site file says; running calls go on"
EXAMPLES = """\
  linghe apply site.toml
  linghe apply --check site.toml        say what is wrong in it, change nothing
  linghe export | linghe apply -        changes nothing: the same site again
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE and how far to go."""
    parser.add_argument("file", metavar="FILE", help='a site file (TOML); "-" reads standard input')
    parser.add_argument("--check", action="store_true", help="only say what is wrong in it")
    parser.add_argument(
        "--no-prompts", action="store_true", help="do not make speech from the site's texts now"
    )
    parser.add_argument("--by", default="command line", help="who it was, for the history")
    parser.add_argument("--why", default="", help="of changed flows, for their history")
    parser.add_argument("--where", default="", help="the address that he came from")
    parser.add_argument(
        "--progress", action="store_true", help="with --json too: each text, on standard error"
    )
    parser.add_argument(
        "--if-version", type=int, metavar="N", help="only if version N of the site holds"
    )


def carry_out(arguments: argparse.Namespace) -> int:
    """Read, check, save, tell control, make prompts."""
    try:
        text = _text(arguments.file)
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror or error) if isinstance(error, OSError) else "it is no UTF-8 text"
        note(f"linghe: {arguments.file} cannot be read: {why}.")
        return EXIT_USAGE
    paths().make()
    with nullcontext() if arguments.check else alone(paths().run):
        return _applied(arguments, text)


def _applied(arguments: argparse.Namespace, text: str) -> int:
    store = opened_settings()
    before = store.current()
    if arguments.if_version not in (None, before.version):
        raise RefusedError(
            "site_changed",
            f"Version {before.version} of the site holds, and not {arguments.if_version}.",
            "Look at it again.",
        )
    site, given = read_site(
        text,
        "standard input" if arguments.file == "-" else arguments.file,
        before=before,
        random_bytes=secrets.token_bytes,
        music=music_names(paths()),
    )
    check_keys(paths(), site, arguments.file)
    advice = _advice(site)
    for line in advice:
        note(line)
    if arguments.check:
        store.close()
        _tell_checked(before, site, given, advice, as_json=arguments.json)
        return EXIT_DONE
    # Speech first: callers of a running box hear the former prompts until the new ones are there.
    has_prompts = None
    if not arguments.no_prompts:
        has_prompts = rendered(site, quiet=arguments.json, tells_progress=arguments.progress)
    secrets_before = kept_secrets()
    _keep_trunk_secrets(site, given)
    _keep_service_secrets(site, given)
    if given.mail or not site.mail.username:
        Secrets(paths().secrets, secrets.token_bytes).set_mail_secret("".join(given.mail))
    made_hooks = _keep_webhook_secrets(site, given)
    with store.together():
        saved = store.save(site, by=arguments.by, at=Utc(time.time()), why=arguments.why[:200])
        note_applied(store, before, saved, secrets_before, by=arguments.by, where=arguments.where)
    store.close()
    take_up_keys(paths(), site, arguments.file)
    if not arguments.json:
        _tell(saved, before)
        tell_made(given, made_hooks)
    is_running, trouble = taken_up(paths().control_socket)
    _forget_old(arguments)
    if arguments.json:
        done = Applied(
            site_version=saved.version,
            changed=saved.version != before.version,
            running=is_running,
            all_prompts_made=has_prompts,
            made_secrets=dict(given.made),
            made_webhook_secrets=made_hooks,
            error=trouble,
        )
        print_json(done)
    elif trouble is not None:
        note(f"linghe: {trouble.sentence}")
    elif not is_running and saved.version != before.version:
        print("The box is not running; it takes this up when it starts.")
    return EXIT_DONE if trouble is None else EXIT_REFUSED


def _text(file: str) -> str:
    if file == "-":
        return sys.stdin.buffer.read().decode("utf-8")
    return Path(file).read_text(encoding="utf-8")


def _keep_trunk_secrets(site: Site, given: SecretsGiven) -> None:
    """Those of the file, and for trunks without one those that are kept; of gone trunks none.

    Before the site is saved: control must find them when it takes up a new trunk.
    """
    kept = Secrets(paths().secrets, secrets.token_bytes)
    old = kept.trunk_secrets()
    kept.set_trunk_secrets(
        {
            trunk.id: given.trunk.get(trunk.id, old.get(trunk.id, ""))
            for trunk in site.trunk
            if trunk.id in given.trunk or trunk.id in old
        }
    )


def _keep_webhook_secrets(site: Site, given: SecretsGiven) -> dict[WebhookId, str]:
    """Those of the file, else those that are kept, else new ones, which are returned."""
    kept = Secrets(paths().secrets, secrets.token_bytes)
    known = {**kept.webhook_secrets(), **given.webhook}
    made = {hook.id: secrets.token_hex(32) for hook in site.webhook if hook.id not in known}
    known |= made
    kept.set_webhook_secrets({hook.id: known[hook.id] for hook in site.webhook})
    return made


def _keep_service_secrets(site: Site, given: SecretsGiven) -> None:
    """Those of the file, and for services without one those that are kept; of gone ones none."""
    kept = Secrets(paths().secrets, secrets.token_bytes)
    known = {**kept.service_secrets(), **given.service}
    kept.set_service_secrets(
        {service.id: known[service.id] for service in site.service if service.id in known}
    )


def _forget_old(arguments: argparse.Namespace) -> None:
    asker = publishing.Asker(by=arguments.by, where=arguments.where)
    for table in publishing.forget_old_flows(asker):
        note(f"The site has this table no more, and its rows are gone: {table}")


def _tell_checked(
    before: Site, site: Site, given: SecretsGiven, advice: list[str], *, as_json: bool
) -> None:
    gone = "advice: the site has this table no more, and its rows would go: "
    of_tables = [f"{gone}{table}" for table in tables_to_go(paths(), site)]
    for line in of_tables:
        note(line)
    if as_json:
        told = [line.removeprefix("advice: ") for line in advice + of_tables]
        print_json(checked(before, site, given, told))
    else:
        print(f"Nothing is wrong in it: {_counted(site)}.")


def _tell(saved: Site, before: Site) -> None:
    if saved.version == before.version:
        print(f"The box is so already (version {saved.version}).")
    else:
        print(f"Saved as version {saved.version}: {_counted(saved)}.")


def _advice(site: Site) -> list[str]:
    flows = [
        f"advice: {flow.id}: {line}"
        for flow in site.flow
        for line in advice_sentences(flow, site, Language.EN)
    ]
    rowless = [
        f"{line} {remedy}" for line, remedy in rowless_tables(paths(), site, keys_follow=True)
    ]
    unsaid = unsaid_sentences(site, prompt_names(paths()))
    return flows + [f"advice: {line}" for line in (*unsaid, *rowless)]


def _counted(site: Site) -> str:
    counts = (
        ("phone", len(site.extension)),
        ("agent", len(site.agent)),
        ("queue", len(site.queue)),
        ("trunk", len(site.trunk)),
        ("flow", len(site.flow)),
    )
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts)
