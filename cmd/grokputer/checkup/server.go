package checkup

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// dialTimeout is how long a server may take to answer.
const dialTimeout = 3 * time.Second

// Port looks whether a server of our own could listen on an address.
// setting is the flag that names another port.
func Port(name, address, setting string) Probe {
	return func(ctx context.Context) Finding {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			return missing(name, address+" is in use by another program",
				"end that program, or choose another port with "+setting)
		case err != nil:
			return missing(name, err.Error(), "choose another port with "+setting)
		}
		if err := l.Close(); err != nil {
			return missing(name, err.Error(), "choose another port with "+setting)
		}
		return found(name, address+" is free for `grokputer up`")
	}
}

// Server looks whether something listens at an address: host:port or a URL.
func Server(name, address, mend string) Probe {
	return func(ctx context.Context) Finding {
		host, err := hostPort(address)
		if err != nil {
			return missing(name, err.Error(), mend)
		}
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", host)
		if err != nil {
			return missing(name, fmt.Sprintf("nothing answers: %v", err), mend)
		}
		if err := conn.Close(); err != nil {
			return missing(name, err.Error(), mend)
		}
		return found(name, host+" answers")
	}
}

// hostPort takes the host and the port out of a URL; host:port stays as it is.
func hostPort(address string) (string, error) {
	if !strings.Contains(address, "://") {
		address = "tcp://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return "", errors.New("the address is neither host:port nor a URL") // it may hold a password
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "nats": "4222", "tls": "4222"}[u.Scheme]
	}
	if port == "" {
		return "", errors.New("the address has no port")
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}
