"""`python -m appliance.daemons.console`: the screen of the box, on the terminal it is started on.

Two threads: one looks at the box every two seconds, one draws and hears keys, so that a control
that does not answer holds up no key. What the menu does is done by the first one too.
"""

import os
import queue
import sys
import termios
import time
import tty
from dataclasses import dataclass, field
from threading import Thread

from appliance.daemons import notify
from appliance.daemons.console.keyboard import Keyboard
from appliance.daemons.console.menu import Act, Menu, Wanted
from appliance.daemons.console.ownership import CodeKeeper
from appliance.daemons.console.places import own_pages
from appliance.daemons.console.rescue import Rescue
from appliance.daemons.console.screen import Seen, drawable, screen
from appliance.daemons.paths import Environment, environment
from appliance.daemons.standing import standing
from appliance.daemons.stop_sign import StopSign
from appliance.vocabulary.errors import ApplianceError
from appliance.vocabulary.ids import Utc
from appliance.vocabulary.settings import Language

LOOK_EVERY = 2.0
CLEAR, HOME, END_OF_LINE, END_OF_SCREEN = "\x1b[2J", "\x1b[H", "\x1b[K", "\x1b[J"
NO_CURSOR, CURSOR, NO_BLANKING = "\x1b[?25l", "\x1b[?25h", "\x1b[9;0]"
LANGUAGES = (Language.EN, Language.PL, Language.ZH)


@dataclass
class Looker:
    """The thread that touches files and sockets. Its answers wake the other one by a pipe."""

    settings: Environment
    seen: Seen = field(default_factory=Seen)
    wanted: queue.SimpleQueue[tuple[Wanted, Language] | None] = field(
        default_factory=queue.SimpleQueue
    )
    done: queue.SimpleQueue[tuple[Act, list[str]]] = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        self.news, self._told = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._keeper = CodeKeeper(self.settings.paths)
        self.is_over = False
        self._rescue = Rescue(self.settings.paths, self._keeper)

    def run(self) -> None:
        """Look, wait for a wish, look again, until the wish None. The other thread is told when
        this one is over: a screen that nobody looks for is none."""
        try:
            self._run()
        finally:
            self.is_over = True
            self._tell()

    def _run(self) -> None:
        self.settings.paths.make()
        while True:
            self.seen = self._look()
            self._tell()
            try:
                wish = self.wanted.get(timeout=LOOK_EVERY)
            except queue.Empty:
                continue
            if wish is None:
                return
            wanted, language = wish
            self.done.put((wanted.act, self._rescue.carry_out(wanted, language)))

    def _look(self) -> Seen:
        seen = standing(self.settings.paths)
        pages = own_pages(self.settings.http_port)
        try:
            ownership = self._keeper.seen(Utc(time.time()))
        except (ApplianceError, OSError) as error:
            return Seen(pages=pages, standing=seen, trouble=str(error))
        return Seen(pages=pages, standing=seen, ownership=ownership)

    def _tell(self) -> None:
        try:
            os.write(self._told, b"!")
        except BlockingIOError:
            return


class Console:
    """Draws, and hears keys."""

    def __init__(self, looker: Looker, descriptor: int, terminal: str) -> None:
        self._looker = looker
        self._tty = descriptor
        self._terminal = terminal
        self._menu = Menu()
        self._keyboard = Keyboard()
        self._language: Language | None = None
        """Chosen by key; None: the site's."""
        self._drawn: list[str] = []

    def run(self, stop: StopSign) -> bool:
        """Until told to stop, or the terminal is gone. False: nobody looks at the box any more."""
        self._write(NO_CURSOR + NO_BLANKING + CLEAR)
        while not stop.is_given:
            self._draw()
            due = self._menu.wake_at()
            wait = 60.0 if due is None else max(0.0, due - time.monotonic())
            ready = stop.wait(wait, [self._tty, self._looker.news])
            if self._looker.news in ready:
                os.read(self._looker.news, 512)
            if self._looker.is_over:
                return False
            if self._tty in ready and not self._hear():
                return True
            self._take_answers()
            self._menu.wake(time.monotonic())
            notify.watchdog()
        return True

    def _hear(self) -> bool:
        try:
            keys = os.read(self._tty, 256)
        except OSError:
            return False
        for key in self._keyboard.receive(keys.decode(errors="replace")):
            self._key(key)
        return bool(keys)

    def _key(self, key: str) -> None:
        now = time.monotonic()
        if key in "lL" and not self._menu.lines(self._shown_language(), 1):
            place = LANGUAGES.index(self._shown_language())
            wished = [one for one in LANGUAGES if drawable(one, self._terminal) is one]
            self._language = wished[(wished.index(LANGUAGES[place]) + 1) % len(wished)]
            return
        wanted = self._menu.key(key, now)
        if wanted is not None:
            self._looker.wanted.put((wanted, self._shown_language()))

    def _take_answers(self) -> None:
        self._menu.owners = self._looker.seen.ownership.owners
        while not self._looker.done.empty():
            act, sentences = self._looker.done.get()
            if act is Act.LOG:
                self._menu.show_log(sentences, time.monotonic())
            else:
                self._menu.tell(sentences, time.monotonic())

    def _shown_language(self) -> Language:
        wished = self._language or self._looker.seen.ownership.language
        return drawable(wished, self._terminal)

    def _draw(self) -> None:
        columns, rows = self._size()
        language = self._shown_language()
        lines = screen(
            self._looker.seen,
            self._menu.lines(language, rows - 4),
            language,
            columns=columns,
            rows=rows,
            terminal=self._terminal,
        )
        if lines == self._drawn:
            return
        self._drawn = lines
        body = f"{END_OF_LINE}\r\n".join(lines)
        self._write(HOME + body + END_OF_LINE + END_OF_SCREEN)

    def _size(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self._tty)
        except OSError:
            return 80, 25
        return (columns or 80, rows or 25)

    def _write(self, text: str) -> None:
        try:
            os.write(self._tty, text.encode())
        except OSError:
            return  # gone; the next read says so


def main() -> int:
    """Exit codes: 0 stopped in order, 1 nobody looks any more, 2 no terminal or bad settings."""
    descriptor = sys.stdin.fileno()
    try:
        settings = environment()
        before = termios.tcgetattr(descriptor)
    except (ValueError, termios.error) as error:
        print(f"console: {error}", file=sys.stderr)
        return 2
    stop = StopSign()
    looker = Looker(settings)
    thread = Thread(target=looker.run, name="looker", daemon=True)
    thread.start()
    try:
        tty.setcbreak(descriptor)
        notify.ready("the screen of the box")
        is_well = Console(looker, descriptor, os.environ.get("TERM", "linux")).run(stop)
    finally:
        looker.wanted.put(None)
        os.write(descriptor, (CLEAR + HOME + CURSOR).encode())
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
