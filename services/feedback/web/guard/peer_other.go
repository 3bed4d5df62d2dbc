//go:build !linux

package guard

import "net/netip"

// SameUser cannot be found out here: whoever has no token is not let in.
func SameUser(_, _ netip.AddrPort) bool { return false }
