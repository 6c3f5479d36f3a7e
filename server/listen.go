package server

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"
)

// Listen opens a TCP listener for [Server.Serve]. The address is host:port with
// an IP address of this machine's loopback or "localhost"; port 0 takes a free
// one. Any other address is SERVER-LISTEN-LOOPBACK, since the server speaks
// plain HTTP; a port that somebody else listens on is SERVER-PORT-TAKEN.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, refuse("SERVER-LISTEN-LOOPBACK", "%q is not host:port of this machine's loopback", address)
	}
	if host != "localhost" {
		ip, err := netip.ParseAddr(host)
		if err != nil || !ip.IsLoopback() {
			return nil, refuse("SERVER-LISTEN-LOOPBACK", "%q is no address of this machine's loopback", host)
		}
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, refuse("SERVER-PORT-TAKEN", "somebody else listens on %s", address)
	case err != nil:
		return nil, refuse("SERVER-LISTEN-FAILED", "listening on %s: %w", address, err)
	}
	if err := checkLoopback(l); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// checkLoopback refuses a listener that others than this machine can reach.
func checkLoopback(l net.Listener) error {
	tcp, ok := l.Addr().(*net.TCPAddr)
	if !ok || !tcp.IP.IsLoopback() {
		return refuse("SERVER-LISTEN-LOOPBACK", "%s is no address of this machine's loopback", l.Addr())
	}
	return nil
}

// limited is a listener that has at most cap(slots) connections open; more wait
// in the kernel's queue.
type limited struct {
	net.Listener
	slots chan struct{}
	done  chan struct{}
	once  sync.Once
}

func limit(l net.Listener, connections int) net.Listener {
	return &limited{Listener: l, slots: make(chan struct{}, connections), done: make(chan struct{})}
}

// Accept waits for a slot, then for a connection.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.done:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &slotted{Conn: c, free: sync.OnceFunc(func() { <-l.slots })}, nil
}

// Close ends Accept, one that waits for a slot too.
func (l *limited) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}

// slotted gives its slot back when it is closed.
type slotted struct {
	net.Conn
	free func()
}

func (c *slotted) Close() error {
	err := c.Conn.Close()
	c.free()
	return err
}
