/* mime.c - the only file that knows GMime. */
#include "mail/mime.h"

#include <gmime/gmime.h>
#include <pthread.h>

#include "base/buf.h"

#define MAX_CONVERT ((size_t)8 << 20) /* text converted to UTF-8 */

struct walk {
	struct mxa_arena *arena;
	bool (*visit)(void *ctx, const struct mxa_mime_part *part);
	void *ctx;
	size_t parts;
	size_t max; /* of a body */
	unsigned messages;
	bool over;
};

static void init_gmime(void)
{
	g_mime_init();
}

static struct mxa_str lower_text(struct walk *w, const char *s)
{
	return mxa_str_lower(w->arena, mxa_str_from(s ? s : ""));
}

static void give_leaf(struct walk *w, struct mxa_mime_part *part)
{
	if (w->over)
		return;
	if (w->parts++ == MXA_MIME_MAX_PARTS || !w->visit(w->ctx, part))
		w->over = true;
}

/* 'text' from its charset to UTF-8, or as it is where that cannot be done. */
static struct mxa_str to_utf8(
    struct walk *w, struct mxa_str text, struct mxa_str charset)
{
	char *utf8 = NULL;
	gsize len = 0;
	struct mxa_str out;

	if (text.len == 0 || text.len > MAX_CONVERT || charset.len == 0 ||
	    mxa_str_is(charset, "utf-8") || mxa_str_is(charset, "us-ascii"))
		return text;
	utf8 = g_convert_with_fallback(text.p, (gssize)text.len, "UTF-8",
	    g_mime_charset_iconv_name(charset.p), "?", NULL, &len, NULL);
	if (utf8 == NULL)
		return text;
	out = mxa_str_dup(w->arena, mxa_str_make(utf8, len));
	g_free(utf8);
	return out;
}

/* The decoded bytes of a part, the first w->max of them. */
static struct mxa_str decode_body(struct walk *w, GMimePart *part)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	GMimeContentEncoding encoding;
	GMimeStream *source, *stream;
	GMimeFilter *filter;
	struct mxa_buf b;
	char chunk[16384];
	ssize_t n;

	if (wrapper == NULL)
		return MXA_STR("");
	encoding = g_mime_data_wrapper_get_encoding(wrapper);
	source = g_mime_data_wrapper_get_stream(wrapper);
	g_mime_stream_reset(source);
	stream = g_mime_stream_filter_new(source);
	filter = g_mime_filter_basic_new(encoding, FALSE);
	g_mime_stream_filter_add((GMimeStreamFilter *)stream, filter);
	g_object_unref(filter);
	mxa_buf_init(&b, w->arena, w->max);
	while ((n = g_mime_stream_read(
		    stream, chunk, MIN(sizeof(chunk), w->max - b.len))) > 0)
		mxa_buf_add(&b, chunk, (size_t)n);
	g_object_unref(stream);
	return mxa_str_make(mxa_buf_cstr(&b), b.len);
}

static void give_part(
    struct walk *w, GMimeObject *object, unsigned depth, unsigned message)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	const char *charset =
	    g_mime_content_type_get_parameter(type, "charset");
	char *name = g_mime_content_type_get_mime_type(type);
	struct mxa_mime_part part = {
		.type = lower_text(w, name),
		.charset = lower_text(w, charset),
		.depth = depth,
		.message = message,
	};
	const char *file = g_mime_part_get_filename((GMimePart *)object);

	g_free(name);
	part.filename = mxa_str_dup(w->arena, mxa_str_from(file ? file : ""));
	part.body = decode_body(w, (GMimePart *)object);
	if (mxa_str_starts(part.type, MXA_STR("text/")) ||
	    mxa_str_starts(part.type, MXA_STR("message/")))
		part.body = to_utf8(w, part.body, part.charset);
	give_leaf(w, &part);
}

static void give_headers(
    struct walk *w, GMimeMessage *m, unsigned depth, unsigned message)
{
	char *text = g_mime_object_get_headers((GMimeObject *)m, NULL);
	struct mxa_mime_part part = {
		.type = MXA_STR("text/rfc822-headers"),
		.charset = MXA_STR(""),
		.filename = MXA_STR(""),
		.body = mxa_str_dup(w->arena, mxa_str_from(text ? text : "")),
		.depth = depth,
		.message = message,
	};

	g_free(text);
	give_leaf(w, &part);
}

static void walk_object(
    struct walk *w, GMimeObject *object, unsigned depth, unsigned message)
{
	if (object == NULL || w->over || depth > MXA_MIME_MAX_DEPTH)
		return;
	if (GMIME_IS_MULTIPART(object)) {
		GMimeMultipart *multi = (GMimeMultipart *)object;
		int n = g_mime_multipart_get_count(multi);

		for (int i = 0; i < n && !w->over; i++)
			walk_object(w, g_mime_multipart_get_part(multi, i),
			    depth + 1, message);
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *m =
		    g_mime_message_part_get_message((GMimeMessagePart *)object);
		unsigned inner = ++w->messages;

		if (m == NULL)
			return;
		give_headers(w, m, depth + 1, inner);
		walk_object(
		    w, g_mime_message_get_mime_part(m), depth + 1, inner);
	} else if (GMIME_IS_PART(object)) {
		give_part(w, object, depth, message);
	}
}

const char *mxa_mime_walk(struct mxa_arena *a, struct mxa_str mail,
    bool (*visit)(void *ctx, const struct mxa_mime_part *part), void *ctx)
{
	return mxa_mime_walk_max(a, mail, mail.len + 1, visit, ctx);
}

const char *mxa_mime_walk_max(struct mxa_arena *a, struct mxa_str mail,
    size_t max, bool (*visit)(void *ctx, const struct mxa_mime_part *part),
    void *ctx)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct walk w = { .arena = a, .visit = visit, .ctx = ctx, .max = max };
	GByteArray *bytes;
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeMessage *m;
	const char *limit = mxa_mime_cut(&mail);

	pthread_once(&once, init_gmime);
	/* GMime only reads: no copy is made */
	bytes = g_byte_array_new_take((guint8 *)(uintptr_t)mail.p, mail.len);
	stream = g_mime_stream_mem_new_with_byte_array(bytes);
	g_mime_stream_mem_set_owner((GMimeStreamMem *)stream, FALSE);
	parser = g_mime_parser_new_with_stream(stream);
	g_object_unref(stream);
	m = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	if (m != NULL) {
		give_headers(&w, m, 0, 0);
		walk_object(&w, g_mime_message_get_mime_part(m), 0, 0);
		g_object_unref(m);
	}
	g_byte_array_free(bytes, FALSE);
	return limit;
}
