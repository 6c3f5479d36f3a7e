package server

import (
	"container/list"
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

// limited is a listener that has at most so many connections open. When there are
// as many, the one that has been without a request for longest gives way to the
// next: idle ones, and those that never finish their headers, keep nobody out.
// If all have a request, more wait in the kernel's queue.
type limited struct {
	net.Listener
	slots chan struct{}
	done  chan struct{}
	once  sync.Once

	mu   sync.Mutex // a connection is in idle or has a request, or is closed
	idle *list.List // of *slotted, the longest first
}

func limit(l net.Listener, connections int) net.Listener {
	return &limited{Listener: l, slots: make(chan struct{}, connections), done: make(chan struct{}), idle: list.New()}
}

// Accept takes a connection and then waits for a slot, which an idle one gives up.
func (l *limited) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	select {
	case l.slots <- struct{}{}:
	default:
		l.evict()
		select {
		case l.slots <- struct{}{}:
		case <-l.done:
			return nil, errors.Join(net.ErrClosed, c.Close())
		}
	}
	s := &slotted{Conn: c, from: l}
	s.rest()
	return s, nil
}

// evict closes the connection that has been idle for longest.
func (l *limited) evict() {
	l.mu.Lock()
	var oldest *slotted
	if e := l.idle.Front(); e != nil {
		oldest = e.Value.(*slotted)
	}
	l.mu.Unlock()
	if oldest != nil {
		_ = oldest.Close()
	}
}

// Close ends Accept, one that waits for a slot too.
func (l *limited) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}

// slotted is a connection that has a slot until it is closed.
type slotted struct {
	net.Conn
	from *limited

	at     *list.Element // in from.idle, nil while it has a request; guarded by from.mu
	closed bool          // guarded by from.mu
}

// rest says that the connection has no request now.
func (c *slotted) rest() {
	c.from.mu.Lock()
	defer c.from.mu.Unlock()
	if c.at == nil && !c.closed {
		c.at = c.from.idle.PushBack(c)
	}
}

// work says that it has one.
func (c *slotted) work() {
	c.from.mu.Lock()
	defer c.from.mu.Unlock()
	c.leave()
}

func (c *slotted) leave() {
	if c.at != nil {
		c.from.idle.Remove(c.at)
		c.at = nil
	}
}

// Close gives the slot back.
func (c *slotted) Close() error {
	err := c.Conn.Close()
	c.from.mu.Lock()
	first := !c.closed
	c.closed = true
	c.leave()
	c.from.mu.Unlock()
	if first {
		<-c.from.slots
	}
	return err
}

// slottedKey is the context's key of a request's connection.
type slottedKey struct{}

// withConnection puts a connection into the context of its requests.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, slottedKey{}, c)
}

// busy marks the connection of a request until rest is called.
func busy(ctx context.Context) (rest func()) {
	c, ok := ctx.Value(slottedKey{}).(*slotted)
	if !ok {
		return func() {}
	}
	c.work()
	return c.rest
}
