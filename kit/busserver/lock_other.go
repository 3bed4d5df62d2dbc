//go:build !unix

package busserver

// storeLock does nothing here: only the port keeps a second server out.
type storeLock struct {
	release func() error
}

func lockStore(string) (*storeLock, error) {
	return &storeLock{release: func() error { return nil }}, nil
}
