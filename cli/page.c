/* page.c - see page.h. */
#include "cli/page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/sig/hash.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/i18n.h"
#include "cli/cmd.h"
#include "cli/language.h"
#include "cli/out.h"
#include "report/received/judge.h"
#include "report/sent/mail.h"

/* Colours have a contrast of at least 4.5:1 as text, 3:1 in charts. */
static const char style[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1c2024;--soft:#5a626b;"
    "--line:#d5dae0;--card:#f6f8fa;--ok:#176b3a;--wait:#7a5200;--no:#b3261e;"
    "--pass:#2e8b57;--tagged:#3b74c4;--failed:#b57d00;--quarantined:#e0641b;--refused:#b3261e;"
    "--link:#0b57d0}"
    "@media(prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e6e9ec;"
    "--soft:#a5adb6;--line:#3a4149;--card:#1d2226;--ok:#6fd49a;--wait:#f0b94a;"
    "--no:#ff8a80;--pass:#46a873;--tagged:#6b9fe6;--failed:#d9a62e;--quarantined:#f0844a;"
    "--refused:#ef6a61;--link:#8ab4f8}}"
    "*{box-sizing:border-box}"
    "body{font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",\"Hiragino "
    "Sans\",\"Noto Sans CJK JP\",sans-serif;margin:0;background:var(--bg);"
    "color:var(--fg);overflow-wrap:anywhere}"
    "main{max-width:70rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.5rem;margin:.5rem 0}"
    "h2{font-size:1.3rem;margin:0 0 .25rem}h3{font-size:1rem;margin:1rem 0 "
    ".25rem}a{color:var(--link)}"
    ".soft{color:var(--soft)}.ok{color:var(--ok)}.wait{color:var(--wait)}"
    ".no{color:var(--no)}"
    ".card{border:1px solid var(--line);border-radius:.5rem;padding:1rem;"
    "margin:1rem 0;background:var(--card)}"
    ".answer{font-size:1.1rem;font-weight:600;margin:.25rem 0}"
    "dl{display:grid;grid-template-columns:minmax(8rem,13rem) 1fr;gap:.3rem "
    "1rem;margin:.75rem 0}dt{color:var(--soft)}dd{margin:0}"
    ".brief{grid-template-columns:8fr 5fr 5fr 4fr;margin:.1rem 0 0;font-size:"
    ".85rem;line-height:1.35}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0}"
    "caption{text-align:left;font-weight:600;padding:.25rem 0}"
    "th,td{text-align:left;padding:.4rem .5rem;border-bottom:1px solid "
    "var(--line);vertical-align:top}"
    "th{font-size:.85rem;color:var(--soft);font-weight:600}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;"
    "white-space:nowrap;overflow-wrap:normal}"
    "td.w,th{overflow-wrap:normal}"
    "td small{display:block;color:var(--soft)}"
    ".new{border:1px solid;border-radius:.3rem;padding:0 .3rem;font-size:"
    ".8rem;margin-left:.4rem;white-space:nowrap}"
    "svg{display:block;width:100%;height:auto;margin:.5rem 0 .2rem}.dates{"
    "display:flex;justify-content:space-between;font-size:.8rem;color:"
    "var(--soft)}.each span{flex:1;text-align:center}"
    "svg line{stroke:var(--line)}"
    ".pass{fill:var(--pass)}.tagged{fill:var(--tagged)}.failed{fill:var(--failed)}"
    ".quarantined{fill:var(--quarantined)}.refused{fill:var(--refused)}"
    ".hit{fill:transparent}.gap{fill:var(--soft)}"
    ".key{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:.25rem 0;"
    "font-size:.9rem}.key svg{display:inline;width:.8em;height:.8em;margin:0 "
    ".35em 0 0}"
    "summary{cursor:pointer;padding:.4rem 0}.inner{margin-left:1rem}"
    "pre{white-space:pre-wrap;margin:.5rem 0;padding:.6rem;border:1px solid "
    "var(--line);border-radius:.3rem;background:var(--bg);font:.9rem/1.4 "
    "ui-monospace,monospace}"
    "button{font:inherit;color:inherit;background:none;border:1px solid "
    "var(--line);border-radius:.3rem;padding:.2rem .6rem;cursor:pointer}"
    "th button{border:0;padding:0;font-weight:600;text-decoration:underline "
    "dotted}input{font:inherit;padding:.3rem .5rem;border:1px solid "
    "var(--soft);border-radius:.3rem;background:var(--bg);color:var(--fg);"
    "max-width:100%}"
    ":focus-visible{outline:2px solid var(--link);outline-offset:2px}"
    "@media(max-width:40rem){dl{grid-template-columns:1fr;gap:0}dd{margin:0 "
    "0 .5rem}.brief{display:block}.brief dt,.brief dd{display:inline;margin:0}.brief "
    "dt::after{content:\": \"}.small{display:none}main{padding:.5rem}.card{padding:.6rem}"
    "th,td{padding:.35rem .25rem}td{font-size:.95rem}th.n{white-space:"
    "normal}}"
    "@media print{.tools,button.copy{display:none}.card{break-inside:auto;"
    "background:none}th button{text-decoration:none}}";

/* Sorts by data-v or by text, filters by text (long tables only), opens what a
 * link leads to, copies the record before the button.  Words come from data-…
 * of <body>. */
static const char script[] =
    "\"use strict\";(function(){var d=document,w=d.body.dataset;"
    "function key(r,i){var c=r.cells[i];return c.dataset.v!==undefined?"
    "Number(c.dataset.v):c.textContent.trim().toLowerCase()}"
    "d.querySelectorAll('table.sort').forEach(function(t){"
    "t.querySelectorAll('thead th').forEach(function(h,i){"
    "var b=d.createElement('button');b.type='button';"
    "b.textContent=h.textContent;h.textContent='';h.appendChild(b);"
    "b.addEventListener('click',function(){"
    "var up=h.getAttribute('aria-sort')!=='ascending',"
    "body=t.tBodies[0],rows=Array.from(body.rows);"
    "rows.sort(function(x,y){var a=key(x,i),b=key(y,i);"
    "return(a<b?-1:a>b?1:0)*(up?1:-1)});"
    "rows.forEach(function(r){body.appendChild(r)});"
    "t.querySelectorAll('th').forEach(function(o){"
    "o.removeAttribute('aria-sort')});"
    "h.setAttribute('aria-sort',up?'ascending':'descending')})})});"
    "d.querySelectorAll('.tools').forEach(function(p){"
    "if(p.parentElement.querySelectorAll('table.sort tbody tr').length<9)"
    "return;"
    "var l=d.createElement('label'),f=d.createElement('input');"
    "f.type='search';l.append(w.filter+' ',f);p.appendChild(l);"
    "f.addEventListener('input',function(){"
    "var q=f.value.toLowerCase(),s=p.parentElement;"
    "s.querySelectorAll('table.sort tbody tr').forEach(function(r){"
    "r.hidden=r.textContent.toLowerCase().indexOf(q)<0;"
    "var e=r.closest('details');if(q&&e&&!r.hidden)e.open=true})})});"
    "function show(){var e=location.hash&&d.getElementById("
    "location.hash.slice(1)),t=e;for(;e;e=e.parentElement)"
    "if(e.tagName==='DETAILS')e.open=true;if(t)t.scrollIntoView()}"
    "addEventListener('hashchange',show);show();"
    "d.querySelectorAll('pre.record').forEach(function(p){"
    "var b=d.createElement('button');b.type='button';b.className='copy';"
    "b.textContent=w.copy;p.after(b);"
    "b.addEventListener('click',function(){"
    "function done(){b.textContent=w.copied}"
    "function select(){var r=d.createRange();r.selectNodeContents(p);"
    "var s=getSelection();s.removeAllRanges();s.addRange(r);"
    "d.execCommand('copy');done()}"
    "if(navigator.clipboard)navigator.clipboard.writeText(p.textContent)"
    ".then(done,select);else select()})})})();";

/* --- text --- */

static const char *escape_of(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void page_text(struct page *p, struct mxa_str s)
{
	size_t len;

	for (size_t at = 0; at < s.len; at += len) {
		const char *escape = escape_of(s.p[at]);

		if (!out_may_print(s, at, &len))
			fputc('?', p->f);
		else if (escape != NULL)
			fputs(escape, p->f);
		else
			fwrite(s.p + at, 1, len, p->f);
	}
}

void page_words(struct page *p, const char *text)
{
	page_text(p, mxa_str_from(text));
}

void page_printf(struct page *p, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0)
		page_words(p, text);
	va_end(ap);
	free(text);
}

void page_markup(struct page *p, const char *markup)
{
	fputs(markup, p->f);
}

void page_element(
    struct page *p, const char *tag, const char *class, struct mxa_str text)
{
	fprintf(p->f, "<%s", tag);
	if (class != NULL)
		fprintf(p->f, " class=\"%s\"", class);
	fputc('>', p->f);
	page_text(p, text);
	fprintf(p->f, "</%s>", tag);
}

void page_number_cell(struct page *p, uint64_t n)
{
	fprintf(p->f, "<td class=\"n\" data-v=\"%llu\">%s</td>",
	    (unsigned long long)n, mxa_number_text(n).p);
}

void page_day(struct page *p, int64_t seconds)
{
	char text[MXA_TIME_TEXT];

	fprintf(p->f, "%.10s", mxa_time_format(seconds, text));
}

/* --- tables and records --- */

void page_table(struct page *p, const char *caption, const char *const *columns)
{
	page_markup(p, "<table class=\"sort\">");
	page_element(p, "caption", NULL, mxa_str_from(caption));
	page_markup(p, "<thead><tr>");
	for (size_t i = 0; columns[i] != NULL; i++) {
		const char *name = columns[i];
		bool number = name[0] == '#', small = name[0] == '-';
		bool text = name[0] == '~';

		fprintf(p->f, "<th scope=\"col\"%s>",
		    number	? " class=\"n\""
			: small ? " class=\"n small\""
			: text	? " class=\"small\""
				: "");
		page_words(p, _(name + (number || small || text)));
		page_markup(p, "</th>");
	}
	page_markup(p, "</tr></thead><tbody>\n");
}

void page_table_end(struct page *p)
{
	page_markup(p, "</tbody></table>\n");
}

void page_record(struct page *p, struct mxa_str record)
{
	page_element(p, "pre", "record", record);
}

/* --- the page --- */

static void put_hash(struct page *p, const char *text)
{
	struct mxa_arena *a = mxa_arena_new();
	struct mxa_hash *h = mxa_hash_new(a);
	uint8_t raw[MXA_SHA256] = { 0 };
	struct mxa_buf b;

	mxa_hash_put(h, text, strlen(text));
	(void)mxa_hash_final(h, raw);
	mxa_hash_free(h);
	mxa_buf_init(&b, a, 128);
	mxa_base64_lines(&b, mxa_str_make((const char *)raw, sizeof(raw)));
	page_markup(p, "'sha256-");
	page_text(p, mxa_str_trim(mxa_buf_str(&b)));
	page_markup(p, "'");
	mxa_arena_free(a);
}

static void put_security(struct page *p)
{
	page_markup(p,
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; base-uri 'none'; form-action "
	    "'none'; style-src ");
	put_hash(p, style);
	page_markup(p, "; script-src ");
	put_hash(p, script);
	page_markup(p, "\"><meta name=\"referrer\" content=\"no-referrer\">");
}

static void put_word(struct page *p, const char *name, const char *word)
{
	fprintf(p->f, " data-%s=\"", name);
	page_words(p, word);
	fputc('"', p->f);
}

static void begin_page(struct page *p, const char *title)
{
	FILE *f = p->f;

	fprintf(f,
	    "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta "
	    "charset=\"utf-8\">\n",
	    language_code());
	put_security(p);
	page_markup(p,
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n");
	page_element(p, "title", NULL, mxa_str_from(title));
	fprintf(f, "<style>%s</style></head>\n<body", style);
	put_word(p, "filter", _("Filter:"));
	put_word(p, "copy", _("Copy"));
	put_word(p, "copied", _("Copied"));
	page_markup(p, "><main>\n");
	page_element(p, "h1", NULL, mxa_str_from(title));
	page_markup(p, "\n");
}

static void forget_file(struct page *p)
{
	if (p->new_path != NULL)
		unlink(p->new_path);
	free(p->new_path);
	p->f = NULL;
}

static bool page_failed(struct page *p)
{
	cli_error(p->c, "%s: %s", p->path, strerror(errno));
	forget_file(p);
	return false;
}

void page_abandon(struct page *p)
{
	fclose(p->f);
	forget_file(p);
}

/* A web server never sees half a page; devices and pipes are written to
 * directly. */
bool page_open(
    struct page *p, const struct cli *c, const char *path, const char *title)
{
	struct stat st;

	*p = (struct page){ .c = c, .path = path };
	if ((stat(path, &st) != 0 || S_ISREG(st.st_mode)) &&
	    asprintf(&p->new_path, "%s.new", path) < 0)
		p->new_path = NULL;
	p->f = fopen(p->new_path ? p->new_path : path, "wb");
	if (p->f == NULL)
		return page_failed(p);
	begin_page(p, title);
	return true;
}

bool page_close(struct page *p)
{
	bool ok;

	fprintf(p->f, "</main><script>%s</script></body></html>\n", script);
	ok = fflush(p->f) == 0 && !ferror(p->f);
	if (fclose(p->f) != 0 || !ok)
		return page_failed(p);
	if (p->new_path != NULL && rename(p->new_path, p->path) != 0)
		return page_failed(p);
	free(p->new_path);
	p->f = NULL;
	return true;
}
