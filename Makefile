# driftd - see README.md. One Makefile, no recursion: objects live under build/<variant>/, a new module touches no line here.
VERSION := 0.1.0
VARIANT ?= release
B := build/$(VARIANT)
G := build/gen

PREFIX ?= /usr/local
DESTDIR ?=
ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config

PACKAGES := libmicrohttpd libcurl json-c sqlite3 libgit2 glib-2.0 libpcre2-8 openssl cjose zlib
ifeq ($(shell $(PKG_CONFIG) --exists libsystemd 2>/dev/null && echo yes),yes)
PACKAGES += libsystemd
FEATURES += -DHAVE_SYSTEMD=1
endif
ifeq ($(shell $(PKG_CONFIG) --exists libpq 2>/dev/null && echo yes),yes)
PACKAGES += libpq
FEATURES += -DHAVE_LIBPQ=1
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wnull-dereference -Wdouble-promotion
HARDEN := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
SANITIZE_asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SANITIZE_tsan := -fsanitize=thread -fno-omit-frame-pointer
SANITIZE := $(SANITIZE_$(VARIANT))
ifneq ($(SANITIZE),)
# gcc warns differently there, and the sanitizers bring their own checks
HARDEN :=
CFLAGS ?= -O1 -g
else
CFLAGS ?= -O2 -g
WERROR := $(if $(CI)$(STRICT),-Werror)
endif
# -isystem: other people's headers are not held to our warnings
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null))
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null)
CHECK_LIBS = $(shell $(PKG_CONFIG) --libs check 2>/dev/null)
ALL_CPPFLAGS = -D_GNU_SOURCE -I. -Ilib $(FEATURES) $(PKG_CFLAGS) $(CPPFLAGS)
ALL_CFLAGS = -std=c17 $(ALL_CPPFLAGS) $(CFLAGS) $(WARN) $(WERROR) $(HARDEN) $(SANITIZE) -fPIE -pthread
ALL_LDFLAGS = -pie -pthread -Wl,-z,relro,-z,now $(SANITIZE) $(LDFLAGS)

LIB_SRC := $(wildcard lib/*.c lib/*/*.c)
API_SRC := $(wildcard api/*.c api/*/*.c)
DAEMON_SRC := $(wildcard daemon/*.c)
FAKE_SRC := $(wildcard tests/fakecloud/*.c)
UNIT_SRC := $(wildcard tests/unit/*.c)
INTEGRATION_SRC := $(wildcard tests/integration/*.c tests/faults/*.c)
BENCH_SRC := $(wildcard tests/bench/*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
MIGRATIONS := $(sort $(wildcard schema/[0-9]*.sql))

obj = $(patsubst %.c,$(B)/%.o,$(1))
LIB_OBJ := $(call obj,$(LIB_SRC)) $(B)/gen/schema.o $(B)/gen/version.o
API_OBJ := $(call obj,$(API_SRC)) $(B)/gen/openapi.o $(B)/gen/assets.o
ASSETS := $(wildcard api/dashboard/web/*)
DAEMON_OBJ := $(call obj,$(DAEMON_SRC))
ARCHIVES := $(B)/libapi.a $(B)/libdrift.a

.PHONY: all
all: $(B)/driftd

# V=1 shows whole commands
say = $(if $(V),,@echo '  $(1) $@';)

link = $(call say,LINK)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS) -lm

$(B)/libdrift.a: $(LIB_OBJ)
$(B)/libapi.a: $(API_OBJ)
$(ARCHIVES):
	@rm -f $@
	$(call say,AR)ar rcs $@ $^

$(B)/driftd: $(DAEMON_OBJ) $(ARCHIVES)
	$(link)

$(B)/fakecloud: $(call obj,$(FAKE_SRC)) $(B)/libdrift.a
	$(link)

$(B)/unit: $(call obj,$(UNIT_SRC)) $(filter-out $(B)/daemon/main.o,$(DAEMON_OBJ)) $(ARCHIVES)
	$(link) $(CHECK_LIBS)

$(B)/integration: $(call obj,$(INTEGRATION_SRC)) $(B)/libdrift.a
	$(link) $(CHECK_LIBS)

$(B)/bench_%: $(B)/tests/bench/bench_%.o $(ARCHIVES)
	$(link)

# what a fuzz target found is kept in its corpus and read again here, without the fuzzer
$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(ARCHIVES)
	$(link)

# the compiler's flags are part of what an object depends on
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS)' >$@

compile = $(call say,CC)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/%.o: $(G)/%.c $(B)/flags
	@mkdir -p $(@D)
	$(compile)

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(compile)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

$(G)/schema.c: schema/embed.awk $(MIGRATIONS) schema/queries.sql
	@mkdir -p $(@D)
	awk -f $^ >$@.new
	@mv $@.new $@

# bytes as numbers: any compiler takes them, whatever the length
$(G)/openapi.c: api/openapi.json Makefile
	@mkdir -p $(@D)
	@{ echo '/* Made from api/openapi.json: do not edit. */'; echo '#include "api/openapi.h"'; \
	   echo 'const char openapi_json[] = {'; od -An -v -tu1 $< | sed 's/\([0-9][0-9]*\)/\1,/g'; echo '0};'; \
	   echo 'const size_t openapi_json_bytes = sizeof(openapi_json) - 1;'; } >$@.new
	@mv $@.new $@

$(G)/assets.c: api/dashboard/embed.sh api/dashboard/frame.html $(ASSETS) api/dashboard/web
	@mkdir -p $(@D)
	sh api/dashboard/embed.sh api/dashboard/frame.html $(ASSETS) >$@.new
	@mv $@.new $@

# written only when it changes, looked at in every build
$(G)/version.c: FORCE
	@mkdir -p $(@D)
	@commit=$$(git rev-parse --verify -q HEAD 2>/dev/null) || commit=; \
	 dirty=false; [ -z "$$commit" ] || [ -z "$$(git status --porcelain 2>/dev/null)" ] || dirty=true; \
	 { echo '/* Made by the Makefile: do not edit. */'; echo '#include "version.h"'; \
	   echo 'const char version_number[] = "$(VERSION)";'; echo "const char version_commit[] = \"$$commit\";"; \
	   echo "const bool version_dirty = $$dirty;"; } >$@.new; \
	 if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

.PHONY: FORCE
# objects made on the way are kept
.SECONDARY:
FORCE:

# --- what a machine needs -------------------------------------------------------------------------------------------

DEB_BUILD := gcc pkg-config git ca-certificates tzdata libmicrohttpd-dev libcurl4-openssl-dev libjson-c-dev libsqlite3-dev zlib1g-dev \
	libgit2-dev libglib2.0-dev libpcre2-dev libssl-dev libcjose-dev libjansson-dev libsystemd-dev libpq-dev
DEB_CHECK := check clang clang-tidy clang-format cppcheck mandoc faketime curl
# what the unpacked PostgreSQL server below is linked with
DEB_CHECK += libicu72 libldap-2.5-0 libllvm14 liblz4-1 libxml2 libxslt1.1 libzstd1
# programs taken out of their packages, not installed: their packages would start a service
DEB_UNPACK_CHECK := prometheus prometheus-alertmanager postgresql-15
# the package, and a systemd to try it under
DEB_CHECK += debhelper lintian systemd systemd-container dbus iproute2 procps man-db
# the dashboard is looked at in a browser; Node.js and npm, which drive it: deps.sh --npm
DEB_BROWSER := chromium fonts-dejavu-core
DEB_CHECK += $(DEB_BROWSER)
DEB_BENCH := wrk
DEB_UNPACK_BENCH := nginx

.PHONY: deps deps-build deps-check deps-browser deps-bench
deps: deps-check

deps-build:
	@sh tests/deps.sh $(DEB_BUILD)
deps-check:
	@sh tests/deps.sh $(DEB_BUILD) $(DEB_CHECK)
	@sh tests/deps.sh --unpack build/tools $(DEB_UNPACK_CHECK)
	@sh tests/deps.sh --npm tests/browser
deps-browser: deps-build
	@sh tests/deps.sh $(DEB_BROWSER)
	@sh tests/deps.sh --npm tests/browser
deps-bench: deps-browser
	@sh tests/deps.sh $(DEB_BENCH)
	@sh tests/deps.sh --unpack build/tools $(DEB_UNPACK_BENCH)

# --- running --------------------------------------------------------------------------------------------------------

.PHONY: run demo
# a make of its own: what pkg-config says is read at start, before deps has installed anything
run: deps-build
	@$(MAKE) --no-print-directory -j$$(nproc) all
	exec $(B)/driftd -c config.example.ini

demo: deps-build
	@$(MAKE) --no-print-directory -j$$(nproc) all $(B)/fakecloud
	exec sh tests/demo.sh $(B)

# --- checking -------------------------------------------------------------------------------------------------------

.PHONY: check check-run lint unit integration asan tsan fuzz
check: deps-check
	@$(MAKE) --no-print-directory check-run

check-run:
	@sh tests/check.sh $(MAKE)

lint:
	@sh tests/lint.sh '$(ALL_CPPFLAGS)'

PROGRAMS := $(B)/driftd $(B)/fakecloud $(B)/unit $(B)/integration
.PHONY: programs
programs: $(PROGRAMS)

unit: $(B)/unit
	sh tests/suites.sh $(B)/unit
integration: $(PROGRAMS)
	sh tests/suites.sh $(B)/integration

.PHONY: browser
browser: $(B)/driftd $(B)/fakecloud
	sh tests/browser.sh $(B)

asan tsan:
	@$(MAKE) --no-print-directory VARIANT=$@ programs
	@sh tests/sanitize.sh $@

fuzz: $(patsubst tests/fuzz/%.c,$(B)/%,$(FUZZ_SRC))
	@for f in $^; do name=$${f##*/fuzz_}; $$f tests/fuzz/corpus/$$name/* || exit 1; done

.PHONY: bench
bench: deps-bench
	@$(MAKE) --no-print-directory -j$$(nproc) all $(B)/fakecloud $(patsubst tests/bench/%.c,$(B)/%,$(BENCH_SRC))
	@sh tests/bench/run.sh $(B)

# the pictures of the README: an invented shop and its last months, watched by a real driftd
.PHONY: screenshots
screenshots: deps-browser
	@$(MAKE) --no-print-directory -j$$(nproc) all $(B)/fakecloud $(B)/bench_past
	@DRIFTD_BUILD=$(B) node tests/browser/screenshots.mjs api/dashboard/screenshots

# --- installing -----------------------------------------------------------------------------------------------------

UNITDIR ?= $(PREFIX)/lib/systemd/system

.PHONY: install deb deps-deb check-package clean
install: all
	install -D -m 755 $(B)/driftd $(DESTDIR)$(PREFIX)/sbin/driftd
	install -D -m 644 daemon/driftd.8 $(DESTDIR)$(PREFIX)/share/man/man8/driftd.8
	install -d $(DESTDIR)$(UNITDIR)
	sed 's|@SBINDIR@|$(PREFIX)/sbin|' systemd/driftd.service >$(DESTDIR)$(UNITDIR)/driftd.service
	install -m 644 systemd/driftd.socket $(DESTDIR)$(UNITDIR)/driftd.socket
	install -D -m 644 systemd/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/driftd.conf
	install -D -m 644 systemd/tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/driftd.conf
	install -d $(DESTDIR)$(PREFIX)/share/doc/driftd/examples
	install -m 644 config.example.ini $(DESTDIR)$(PREFIX)/share/doc/driftd/examples/driftd.ini
	install -m 644 systemd/credentials.conf $(DESTDIR)$(PREFIX)/share/doc/driftd/examples/credentials.conf
	install -m 644 api/grafana.json $(DESTDIR)$(PREFIX)/share/doc/driftd/examples/grafana.json
	install -m 644 api/alerts.yml $(DESTDIR)$(PREFIX)/share/doc/driftd/examples/alerts.yml

DEB_PACKAGE := debhelper lintian

deps-deb: deps-build
	@sh tests/deps.sh $(DEB_PACKAGE)

# installs, starts, upgrades and purges it under a systemd of its own
check-package: deb
	@sh tests/package.sh

# build/deb/driftd_VERSION_ARCH.deb
deb: deps-deb
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@sh systemd/package.sh $(VERSION)

clean:
	rm -rf build
