# Linghe (铃盒): a call centre in one box.
#
#   make run                          the whole box; the address of its page is printed; Ctrl-C stops it
#   make run SITE=site.toml           the same with this site applied
#   make run CLOCK="2026-11-23 10:00" the box's clock starts at this local time (a Monday on a Sunday)
#   make test                         everything that CI runs, several tests at a time; as root the
#                                     image in QEMU comes last (LINGHE_IMAGE=no leaves it out)
#   make bench                        the figures: cost of a packet, of a call
#   make image [ARCH=arm64]           the bootable image into build/image (as root; docs/image.md)
#   make image-run                    boots it in QEMU: its screen here, a LAN of its own (as root)
#   make image-test                   builds it for tests, boots it in QEMU, prints a table
#   make clean                        removes what was built; never data (LINGHE_DATA, ./var)
#
# Settings: LINGHE_DATA LINGHE_BIND LINGHE_SIP_PORT LINGHE_HTTP_PORT LINGHE_RTP_PORTS LINGHE_WORKERS

SITE ?=
CLOCK ?=
VENV := .venv
PYTHON ?= python3
READY := $(VENV)/linghe-installed
TEST_READY := $(VENV)/linghe-test-installed
LOG := $(VENV)/install.log
PIP := $(VENV)/bin/python -m pip install --disable-pip-version-check --quiet \
	--config-settings editable_mode=compat
# The image's own versions, so that here and there the same wheels run.
VERSIONS := sed -n 's/^\([a-z0-9.-]*==[^ ;]*\)\( ;[^\\]*\)*.*/\1\2/p' image-build/requirements.lock

.PHONY: run test bench image image-run image-test clean packages test-packages

run: packages $(READY)
ifneq ($(SITE),)
	@if $(VENV)/bin/linghe status >/dev/null 2>&1; then \
		echo "The box is running already. To change it: $(VENV)/bin/linghe apply $(SITE)"; exit 1; fi
	@LINGHE_CLOCK="$(CLOCK)" $(VENV)/bin/linghe apply "$(SITE)"
endif
	@exec env LINGHE_CLOCK="$(CLOCK)" $(VENV)/bin/python -I -m appliance.daemons.supervisor

test: packages test-packages $(TEST_READY)
	@$(VENV)/bin/pytest -n auto $(TESTS)

bench: packages $(READY)
	@for file in tests/bench/*.py; do $(VENV)/bin/python "$$file" || exit 1; done

image:
	@image-build/build

image-run:
	@for list in builder-packages builder-packages.amd64; do \
		LIST=image-build/$$list image-build/install-packages test; done
	@python3 tests/image/by_hand.py

# With root's shell on a serial line, so in a folder of its own: not for anybody's shop.
image-test: TRIED = build/image-test$(ARCH:%=-%)
image-test: packages test-packages $(TEST_READY)
	@for list in builder-packages builder-packages.$(or $(ARCH),$$(dpkg --print-architecture)); do \
		LIST=image-build/$$list image-build/install-packages test; done
	@BARE=1 OUT=$(TRIED) image-build/build
	@TEST_SHELL=1 OUT=$(TRIED) image-build/build
	@TEST_SHELL=1 OUT=$(TRIED)-again image-build/build
	@OUT=$(TRIED) image-build/build
	@$(VENV)/bin/python tests/image/run.py $(TRIED)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

packages:
	@image-build/install-packages run

# Tests with a real phone, carrier or browser say so and are passed over where it cannot be had.
# The image's own builder and emulator are for root, who alone can make an image.
test-packages:
	@image-build/install-packages test || true
	@[ "$$(id -u)" != 0 ] || [ "$(LINGHE_IMAGE)" = no ] || \
		for list in builder-packages builder-packages.amd64; do \
			LIST=image-build/$$list image-build/install-packages test || true; done

# editable_mode=compat: a plain path instead of an import hook, which would cost each process of
# the box 7 ms at its start, and a restart is heard in calls.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Linghe needs Python 3.11 or newer; this is $$($(PYTHON) -V)."; exit 1; }
	@echo "Making the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(READY): setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo "Installing Linghe and what it needs (once)"
	@$(VERSIONS) >$(VENV)/versions
	@$(PIP) --constraint $(VENV)/versions --editable . >$(LOG) 2>&1 || \
		{ echo "Not in the versions that the image has ($(LOG)); so in the newest ones"; \
		$(PIP) --editable . >>$(LOG) 2>&1; } || \
		{ echo "That failed; what pip said stands in $(LOG)"; exit 1; }
	@touch $@

$(TEST_READY): setup.cfg pyproject.toml | $(READY)
	@echo "Installing what the tests need (once)"
	@$(PIP) --editable '.[test]' >$(LOG) 2>&1 || \
		{ echo "That failed; what pip said stands in $(LOG)"; exit 1; }
	@$(PIP) --editable '.[sound]' >>$(LOG) 2>&1 || \
		echo "PyAudio cannot be built here: the microphone's tests are passed over ($(LOG))"
	@touch $@
