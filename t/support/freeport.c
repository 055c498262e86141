/* freeport.c - print N ports of 127.0.0.1 that are free for UDP and TCP. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A port bound for TCP and UDP; the sockets stay open until exit, so that no
 * port is given twice. */
static int free_port(void)
{
	for (int tries = 0; tries < 100; tries++) {
		struct sockaddr_in sin = { .sin_family = AF_INET };
		socklen_t len = sizeof(sin);
		int tcp = socket(AF_INET, SOCK_STREAM, 0);
		int udp = socket(AF_INET, SOCK_DGRAM, 0);

		sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		if (bind(tcp, (struct sockaddr *)&sin, sizeof(sin)) == 0 &&
		    getsockname(tcp, (struct sockaddr *)&sin, &len) == 0 &&
		    bind(udp, (struct sockaddr *)&sin, sizeof(sin)) == 0)
			return ntohs(sin.sin_port);
		close(tcp);
		close(udp);
	}
	return -1;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1;

	while (n-- > 0) {
		int port = free_port();

		if (port < 0)
			return 1;
		printf("%d%c", port, n > 0 ? ' ' : '\n');
	}
	return 0;
}
