# The thin front: meson.build says what is built, this says how it is used.
#
#   make            builds build/tsuwa          make run      builds, and starts a server here
#   make check      every test                  make bench    measures rates
#   make check-tsan what is threaded, under TSan
#   make install    below PREFIX (/usr/local)   make clean    forgets all builds
#                   with libtsuwa; DESTDIR=DIR puts all below DIR
#   make asan | tsan | debug                    builds in build-asan, build-tsan ...
#   make fuzz       builds the fuzzers          make fuzz T=10  runs each for 10 s
#   make tidy       clang-tidy over src/
#   make growth     draws doc/growth.svg: what an operation costs as contacts and calls grow

# Debian's own: a meson of pip has other Python packages beside it, or none.
MESON ?= /usr/bin/meson
PREFIX ?= /usr/local
SUMMARY ?= test/summary.py

RELEASE = -Doptimization=2 -Ddebug=true -Db_lto=true --prefix=$(PREFIX)
FUZZED = -Dfuzz=true -Db_lundef=false \
	'-Dc_args=-fno-sanitize-recover=undefined -fsanitize=fuzzer-no-link'
SANITIZED = -Db_lundef=false -Dc_args=-fno-sanitize-recover=undefined

all: build
	ninja -C build tsuwa

build-setup:
	@tools/setup build

# A failed first set-up leaves no build.ninja: it is made anew, wiped.
define configured
	@test -f $(1)/build.ninja || { rm -rf $(1); $(3) $(MESON) setup $(1) $(2); }
endef

build: build-setup
	$(call configured,build,$(RELEASE))

build-asan: build-setup
	$(call configured,build-asan,$(SANITIZED) -Db_sanitize=address$(,)undefined)

build-tsan: build-setup
	$(call configured,build-tsan,$(SANITIZED) -Db_sanitize=thread)

build-debug: build-setup
	$(call configured,build-debug,-Doptimization=0 -Ddebug=true)

build-fuzz:
	@tools/setup build fuzz
	$(call configured,build-fuzz,$(FUZZED) -Db_sanitize=address$(,)undefined,CC=clang)

, := ,

asan tsan debug: %: build-%
	ninja -C build-$*

# T=10 runs each for ten seconds: what it finds stays in build-fuzz/found and build-fuzz/broken.  ONLY="ua
# engine" names some of them; T=keep takes what reaches further into test/fuzz/corpus.
T ?= 0
ONLY ?=
fuzz: build-fuzz
	@rm -f build-fuzz/meson-logs/testlog.json
	ninja -C build-fuzz fuzzers
	@[ $(T) = 0 ] || tools/fuzz build-fuzz $(T) $(ONLY)

run: all
	@test -e tsuwa.yaml || build/tsuwa init
	@tools/first-call
	@exec build/tsuwa serve

# Every test under the sanitizers; then, also when some failed, the program as it is shipped by those that use
# it: to link every unit test with LTO takes longer than all tests.  The summary decides.
check:
	@tools/setup build check
	@$(MAKE) --no-print-directory build-asan build
	@rm -f build-asan/meson-logs/testlog.json build/meson-logs/testlog.json
	-ninja -k 0 -C build-asan
	-$(MESON) test -C build-asan --no-rebuild -t 4 --print-errorlogs
	-ninja -C build tsuwa
	-$(MESON) test -C build --no-rebuild --print-errorlogs --suite cli --suite interop
	@$(SUMMARY) build-asan build

# What is threaded: loops and rings, the store, the workers of a server under real calls.
TSAN_TESTS = 'net loop' 'net ring' 'net udp' 'net tcp' 'net dns' 'net workers' \
	'store journal' 'store store' 'store user_db' 'cli serve' 'cli reload' 'interop sipp proxy 100 calls' \
	'interop sipp proxy udp to tcp' 'interop crash many' 'lib ua'

check-tsan:
	@tools/setup build check
	@$(MAKE) --no-print-directory build-tsan
	@rm -f build-tsan/meson-logs/testlog.json
	ninja -k 0 -C build-tsan
	-$(MESON) test -C build-tsan --no-rebuild -t 8 --print-errorlogs $(TSAN_TESTS)
	@$(SUMMARY) build-tsan

# Peers to measure beside are installed only when asked for; a library that came since the
# build was set up is found now.
bench: build
	@tools/setup --missing bench
	@$(MESON) setup --reconfigure build >/dev/null
	ninja -C build
	$(MESON) test -C build --no-rebuild --benchmark --verbose

# A build that was set up for another PREFIX is set up for this one.
# Findings are errors.
tidy: build
	run-clang-tidy-14 -quiet -p build '$(CURDIR)/src/.*[.]c$$'

# What an operation costs as contacts and calls grow: some minutes, and a drawing.
growth: build
	ninja -C build tsuwa
	test/bench/growth.py build/tsuwa --svg doc/growth.svg

install: build
	@$(MESON) configure build --prefix=$(PREFIX)
	ninja -C build installed
	$(MESON) install -C build --no-rebuild
	@[ -n "$(DESTDIR)" ] || ldconfig 2>/dev/null || true

clean:
	rm -rf build build-asan build-tsan build-debug build-fuzz

.PHONY: all run check check-tsan bench growth tidy install clean asan tsan debug fuzz
.PHONY: build-setup build build-asan build-tsan build-debug build-fuzz
