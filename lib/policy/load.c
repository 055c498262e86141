/* load.c - mxauth.conf and the policy file it names become one object. */
#include "policy/load.h"

#include <errno.h>

#include "base/arena.h"
#include "conf/loader.h"
#include "policy/rules_load.h"

static void read_rules(struct mxa_conf_loader *l, struct mxa_conf_text *source)
{
	struct mxa_tree tree;

	if (mxa_tree_read(&tree, source))
		l->conf->rules = mxa_rules_load(&tree, l->conf->arena);
}

/* 'instead' NULL: the file that mxauth.conf names. */
static void read_policy_file(struct mxa_conf_loader *l, const char *instead)
{
	const char *path = instead ? instead : l->conf->policy_file.p;
	size_t line =
	    mxa_conf_line_of(l, offsetof(struct mxa_conf, policy_file));
	bool named = instead != NULL || line > 0;
	struct mxa_conf_text source;
	int error;

	if (path[0] == '\0')
		return;
	if (mxa_conf_text_read(&source, l->arena, &l->mistakes, 1, path)) {
		read_rules(l, &source);
		return;
	}
	error = errno;
	if (error == ENOENT && !named)
		l->conf->policy_file = MXA_STR(""); /* none is in effect */
	if (error == 0 || (error == ENOENT && !named))
		return;
	if (instead == NULL && line > 0)
		mxa_conf_text_error(&l->source, line,
		    "policy-file: cannot read %s: %s", path,
		    mxa_conf_errno_text(l->arena, error));
	else
		mxa_mistakes_add(&l->mistakes, false, 1, 0, path,
		    mxa_conf_errno_text(l->arena, error));
}

static void begin_run(struct mxa_conf_loader *l)
{
	mxa_conf_begin(l);
	l->conf->rules = mxa_rules_none();
}

/* The MX of a sender is asked for only where somebody wants to know. */
static bool acts_on_no_mail(const struct mxa_conf *c)
{
	if (c->action[MXA_CAUSE_NO_MAIL] > MXA_ACT_ACCEPT)
		return true;
	for (size_t i = 0; i < mxa_rules_count(c->rules); i++)
		if (mxa_rules_get(c->rules, i)->action[MXA_CAUSE_NO_MAIL] >
		    MXA_ACT_ACCEPT)
			return true;
	return false;
}

static struct mxa_conf *finish_run(
    struct mxa_conf_loader *l, char **errors, char **warnings)
{
	l->conf->auth.check_null_mx = acts_on_no_mail(l->conf);
	return mxa_conf_finish(l, errors, warnings);
}

struct mxa_conf *mxa_policy_load_with(
    const char *file, const char *policy, char **errors, char **warnings)
{
	struct mxa_conf_loader l;

	begin_run(&l);
	if (file != NULL)
		mxa_conf_read_file(&l, file);
	if (policy != NULL || (file != NULL && !l.hopeless))
		read_policy_file(&l, policy);
	return finish_run(&l, errors, warnings);
}

struct mxa_conf *mxa_policy_load(
    const char *file, char **errors, char **warnings)
{
	return mxa_policy_load_with(file, NULL, errors, warnings);
}

struct mxa_conf *mxa_policy_parse(const char *name, struct mxa_str text,
    struct mxa_str policy, char **errors, char **warnings)
{
	struct mxa_conf_text source;
	struct mxa_conf_loader l;

	begin_run(&l);
	mxa_conf_read_text(&l, name, text);
	if (policy.p != NULL &&
	    mxa_conf_text_parse(
		&source, l.arena, &l.mistakes, 1, "policy.conf", policy))
		read_rules(&l, &source);
	return finish_run(&l, errors, warnings);
}

static void add_ended(struct mxa_mistakes *m, const struct mxa_rule *r)
{
	mxa_mistakes_add(m, true, 1, 0, mxa_str_cstr(m->arena, r->where),
	    mxa_arena_printf(m->arena,
		"the rule ended on %.*s and does nothing any more",
		MXA_STR_ARG(r->until_text)));
}

char *mxa_policy_ended(const struct mxa_conf *c, int64_t now)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_mistakes ended;
	char *text;

	mxa_mistakes_init(&ended, a);
	for (size_t i = 0; i < mxa_rules_count(c->rules); i++) {
		const struct mxa_rule *r = mxa_rules_get(c->rules, i);

		if (r->until != MXA_RULE_FOREVER && now >= r->until)
			add_ended(&ended, r);
	}
	text = mxa_mistakes_text(&ended, true);
	mxa_arena_free(a);
	return text;
}
