# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: The Model Cache authors
#
# The front of the house. What is behind it is Meson; the targets are scripts in tests/tools.

.PHONY: help run shell check lint format bench screenshots flatpak-check clean

help:
	@echo 'make run      build, and open the window (without a display, or with TOUR=1: the tour in the'
	@echo '              terminal) with made-up models: no network, no account'
	@echo 'make shell    build, and try mcache yourself against the same made-up models'
	@echo 'make check    everything that tests, sanitizers included; ends with the sum'
	@echo 'make lint     the house rules only'
	@echo 'make format   clang-format over all C files'
	@echo 'make bench    the benchmarks'
	@echo 'make screenshots  pictures of the window in all its states'
	@echo 'make flatpak-check  the Flatpak, built, installed and used; see flatpak/README.md'
	@echo 'make clean    remove _build'

run:
	@tests/tools/need run && tests/tools/build run && tests/tools/run

shell:
	@tests/tools/need run && tests/tools/build run && tests/tour/shell

check:
	@tests/tools/check

lint:
	@tests/tools/need check && tests/tools/lint

format:
	@tests/tools/need check && tests/tools/lint --format

bench:
	@tests/tools/bench

screenshots:
	@tests/tools/screenshots

flatpak-check:
	@tests/tools/need flatpak && flatpak/check $(STAND_IN)

clean:
	rm -rf _build
