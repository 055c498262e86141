/* replay.c - main() for a fuzz harness without a fuzzer: runs each file. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t len = 0, got;
	uint8_t chunk[4096];

	if (f == NULL) {
		perror(path);
		return 1;
	}
	while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0) {
		data = realloc(data, len + got);
		if (data == NULL)
			abort();
		for (size_t i = 0; i < got; i++)
			data[len + i] = chunk[i];
		len += got;
	}
	fclose(f);
	LLVMFuzzerTestOneInput(data ? data : (const uint8_t *)"", len);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	int bad = 0;

	for (int i = 1; i < argc; i++)
		bad |= replay(argv[i]);
	return bad;
}
