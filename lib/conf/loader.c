/* loader.c - mxauth.conf becomes one object. */
#include "conf/loader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "auth/engine.h"
#include "auth/orgdom.h"
#include "base/arena.h"
#include "conf/conf_set.h"

/* --- options --- */

static const struct mxa_opt *find_option(const char *section, const char *name)
{
	size_t n;
	const struct mxa_opt *o = mxa_schema(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(o[i].section, section) == 0 &&
		    strcmp(o[i].name, name) == 0)
			return &o[i];
	return NULL;
}

static bool is_section(const char *name)
{
	size_t n;
	const struct mxa_opt_section *s = mxa_schema_sections(&n);

	for (size_t i = 0; i < n; i++)
		if (name[0] != '\0' && strcmp(s[i].name, name) == 0)
			return true;
	return false;
}

/* The option of that name in another section, or NULL. */
static const struct mxa_opt *find_elsewhere(const char *name)
{
	size_t n;
	const struct mxa_opt *o = mxa_schema(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(o[i].name, name) == 0)
			return &o[i];
	return NULL;
}

/* What could have been meant, among the names of that section. */
static const char *guess_option(const char *section, const char *name)
{
	size_t n, n_sections, n_known = 0;
	const struct mxa_opt *o = mxa_schema(&n);
	const struct mxa_opt_section *s = mxa_schema_sections(&n_sections);
	const char *known[200];

	for (size_t i = 0; i < n && n_known < MXA_ARRAY_LEN(known); i++)
		if (strcmp(o[i].section, section) == 0)
			known[n_known++] = o[i].name;
	for (size_t i = 0; i < n_sections && section[0] == '\0' &&
	     n_known < MXA_ARRAY_LEN(known);
	     i++)
		known[n_known++] = s[i].name;
	return mxa_tree_guess(name, known, n_known);
}

static void unknown_option(
    struct mxa_tree *t, const char *section, const struct mxa_node *v)
{
	const char *name = v->name;
	const char *in = section[0] != '\0' ? " in section " : "";
	const char *guess = guess_option(section, name);
	const struct mxa_opt *other = find_elsewhere(name);

	if (guess == NULL && other != NULL && other->section[0] != '\0')
		mxa_tree_error(t, v,
		    "unknown option %s%s%s; expected it in section %s", name,
		    in, section, other->section);
	else if (guess == NULL && (other != NULL || is_section(name)))
		mxa_tree_error(t, v,
		    "unknown option %s%s%s; expected it outside of all "
		    "sections",
		    name, in, section);
	else
		mxa_tree_error(t, v, "unknown option %s%s%s%s%s%s", name, in,
		    section, guess != NULL ? "; expected " : "",
		    guess != NULL ? guess : "", guess != NULL ? "?" : "");
}

size_t mxa_conf_line_of(const struct mxa_conf_loader *l, size_t field)
{
	size_t n, line = 0;
	const struct mxa_opt *o = mxa_schema(&n);

	for (size_t i = 0; i < n; i++)
		if (o[i].at == field && l->line[i] > 0)
			line = l->line[i];
	return line;
}

#define LINE_OF(l, field) mxa_conf_line_of(l, offsetof(struct mxa_conf, field))

static void walk_group(struct mxa_conf_loader *l,
    const struct mxa_conf_setter *s, const struct mxa_node *group,
    const char *section);

/* A group in a section is a common beginning of its options' names:
 * reports: { sign: { key = ... } } is reports: { sign-key = ... }. */
static bool walk_prefix(struct mxa_conf_loader *l,
    const struct mxa_conf_setter *s, const char *section,
    const struct mxa_node *group)
{
	bool known = false;

	for (size_t i = 0; i < group->n; i++) {
		const struct mxa_node *v = group->child[i];
		const char *name =
		    mxa_arena_printf(l->arena, "%s-%s", group->name, v->name);
		const struct mxa_opt *o = find_option(section, name);

		if (o != NULL)
			mxa_conf_set(s, o, v);
		else if (known)
			mxa_tree_error(s->tree, v,
			    "unknown option %s in section %s", name, section);
		known = known || o != NULL;
	}
	return known;
}

static void walk_setting(struct mxa_conf_loader *l,
    const struct mxa_conf_setter *s, const char *section, bool left_open,
    const struct mxa_node *v)
{
	const char *name = v->name;
	const struct mxa_opt *o = find_option(section, name);
	size_t n;

	if (o != NULL) {
		if (mxa_conf_set(s, o, v) && !s->preset)
			l->line[o - mxa_schema(&n)] = v->line;
	} else if (section[0] == '\0' && is_section(name)) {
		if (v->kind == MXA_NODE_SECTION)
			walk_group(l, s, v, name);
		else
			mxa_tree_error(s->tree, v,
			    "%s: expected a section, %s: { ... }, found %s",
			    name, name, mxa_tree_found(s->tree, v));
	} else if (section[0] != '\0' && v->kind == MXA_NODE_SECTION &&
	    walk_prefix(l, s, section, v)) {
		return;
	} else if (!left_open ||
	    (find_option("", name) == NULL && !is_section(name))) {
		unknown_option(s->tree, section, v);
	}
}

/* In a section that was left open stands what belongs behind it: one mistake
 * is enough. */
static void walk_group(struct mxa_conf_loader *l,
    const struct mxa_conf_setter *s, const struct mxa_node *group,
    const char *section)
{
	bool left_open = section[0] != '\0' && group->left_open;

	for (size_t i = 0; i < group->n; i++)
		walk_setting(l, s, section, left_open, group->child[i]);
}

/* --- defaults --- */

static struct mxa_str preset_text(struct mxa_arena *a)
{
	size_t n_sections, n;
	const struct mxa_opt_section *s = mxa_schema_sections(&n_sections);
	const struct mxa_opt *o = mxa_schema(&n);
	struct mxa_buf b;

	mxa_buf_init(&b, a, 1 << 20);
	for (size_t i = 0; i < n_sections; i++) {
		if (s[i].name[0] != '\0')
			mxa_buf_printf(&b, "%s: {\n", s[i].name);
		for (size_t j = 0; j < n; j++)
			if (strcmp(o[j].section, s[i].name) == 0)
				mxa_buf_printf(
				    &b, "%s = %s\n", o[j].name, o[j].preset);
		if (s[i].name[0] != '\0')
			mxa_buf_adds(&b, "};\n");
	}
	return mxa_buf_str(&b);
}

/* Through the same code as what an operator writes. */
static void set_presets(struct mxa_conf_loader *l)
{
	struct mxa_conf_text source;
	struct mxa_tree tree;
	struct mxa_conf_setter s = {
		.conf = l->conf, .tree = &tree, .preset = true
	};

	mxa_auth_options_default(&l->conf->auth);
	mxa_conf_text_parse(&source, l->arena, &l->mistakes, 0, "default",
	    preset_text(l->arena));
	if (mxa_tree_read(&tree, &source))
		walk_group(l, &s, tree.root, "");
}

/* --- what concerns several options --- */

static void load_psl(struct mxa_conf_loader *l)
{
	struct mxa_conf *c = l->conf;
	const char *error = NULL;

	if (c->auth.orgdom_mode == MXA_ORGDOM_TREEWALK)
		return;
	c->psl =
	    mxa_psl_load(c->psl_file.len > 0 ? c->psl_file.p : NULL, &error);
	c->auth.psl = c->psl;
	if (c->psl == NULL)
		mxa_conf_text_error(&l->source, LINE_OF(l, auth.orgdom_mode),
		    "organizational-domain: the public suffix list%s%.*s: %s",
		    c->psl_file.len > 0 ? " " : "", MXA_STR_ARG(c->psl_file),
		    error);
}

/* Actions that profile monitor never takes. */
static void warn_annulled(struct mxa_conf_loader *l)
{
	const struct mxa_conf *c = l->conf;

	for (int i = 0; i < MXA_CAUSES && c->profile == MXA_PROFILE_MONITOR;
	     i++)
		if (c->action[i] > (int)MXA_ACT_TAG)
			mxa_conf_text_warning(&l->source, LINE_OF(l, action[i]),
			    "%s = \"%s\" has no effect: profile monitor "
			    "never does more than tag",
			    mxa_cause_name((enum mxa_cause)i),
			    mxa_action_name(
				(enum mxa_action_kind)c->action[i]));
}

static void check_together(struct mxa_conf_loader *l)
{
	struct mxa_conf *c = l->conf;

	if (c->dns_ttl_floor > c->dns_ttl_ceiling)
		mxa_conf_text_error(&l->source,
		    LINE_OF(l, dns_ttl_ceiling) > 0
			? LINE_OF(l, dns_ttl_ceiling)
			: LINE_OF(l, dns_ttl_floor),
		    "minimum-ttl (%u s) is larger than maximum-ttl (%u s)",
		    c->dns_ttl_floor, c->dns_ttl_ceiling);
	if (c->dns_timeout > c->dns_deadline)
		mxa_conf_text_warning(&l->source, 0,
		    "dns.timeout (%u s) is never reached: the deadline of a "
		    "message is %u s",
		    c->dns_timeout, c->dns_deadline);
	warn_annulled(l);
	load_psl(l);
}

/* --- the file --- */

static void read_main(struct mxa_conf_loader *l, const char *dir)
{
	struct mxa_tree tree;
	struct mxa_conf_setter s = {
		.conf = l->conf, .tree = &tree, .dir = dir
	};

	l->hopeless = !mxa_tree_read(&tree, &l->source);
	if (!l->hopeless) {
		walk_group(l, &s, tree.root, "");
		check_together(l);
	}
}

const char *mxa_conf_errno_text(struct mxa_arena *a, int error)
{
	char text[128];

	return mxa_arena_printf(a, "%s", strerror_r(error, text, sizeof(text)));
}

/* --- the run --- */

void mxa_conf_begin(struct mxa_conf_loader *l)
{
	struct mxa_arena *a = mxa_arena_new();
	size_t n;

	memset(l, 0, sizeof(*l));
	l->arena = mxa_arena_new();
	mxa_mistakes_init(&l->mistakes, l->arena);
	l->conf = mxa_arena_calloc(a, 1, sizeof(*l->conf));
	(void)mxa_schema(&n);
	l->line = mxa_arena_calloc(l->arena, n, sizeof(*l->line));
	l->conf->arena = a;
	set_presets(l);
}

struct mxa_conf *mxa_conf_finish(
    struct mxa_conf_loader *l, char **errors, char **warnings)
{
	struct mxa_conf *conf = l->conf;

	if (errors != NULL)
		*errors = mxa_mistakes_text(&l->mistakes, false);
	if (warnings != NULL)
		*warnings = mxa_mistakes_text(&l->mistakes, true);
	if (l->mistakes.errors > 0) {
		mxa_conf_free(conf);
		conf = NULL;
	}
	mxa_arena_free(l->arena);
	return conf;
}

static void free_string(char **p)
{
	free(*p);
}

/* The directory of 'file' in 'a'; absolute, because a daemon changes its own.
 */
static const char *directory_of(struct mxa_arena *a, const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *dir = slash == NULL
	    ? "."
	    : mxa_arena_strdup(a, file, (size_t)(slash - file));
	MXA_CLEANUP(free_string) char *real = NULL;

	if (file[0] != '/')
		real = realpath(dir, NULL);
	return real != NULL ? mxa_arena_strdup(a, real, strlen(real)) : dir;
}

void mxa_conf_read_file(struct mxa_conf_loader *l, const char *file)
{
	if (mxa_conf_text_read(&l->source, l->arena, &l->mistakes, 0, file)) {
		read_main(l, directory_of(l->arena, file));
		return;
	}
	l->hopeless = true;
	if (errno != 0)
		mxa_mistakes_add(&l->mistakes, false, 0, 0, file,
		    mxa_conf_errno_text(l->arena, errno));
}

void mxa_conf_read_text(
    struct mxa_conf_loader *l, const char *name, struct mxa_str text)
{
	if (mxa_conf_text_parse(
		&l->source, l->arena, &l->mistakes, 0, name, text))
		read_main(l, NULL);
}
