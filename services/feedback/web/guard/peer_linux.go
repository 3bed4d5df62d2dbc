package guard

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// SameUser looks in the kernel's table of TCP sockets whose process is at the other
// end of a loopback connection: this process's user, or the administrator. What cannot
// be found out counts as no.
func SameUser(local, remote netip.AddrPort) bool {
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if uid, ok := ownerIn(table, remote, local); ok {
			return uid == 0 || uid == os.Getuid()
		}
	}
	return false
}

// Columns of the table (proc(5), /proc/net/tcp).
const (
	columnLocal  = 1
	columnRemote = 2
	columnUID    = 7
	columnInode  = 9
)

// ownerIn finds the socket that is bound to local and connected to remote.
func ownerIn(table string, local, remote netip.AddrPort) (uid int, ok bool) {
	file, err := os.Open(table)
	if err != nil {
		return 0, false
	}
	defer func() { _ = file.Close() }() // read only
	for lines := bufio.NewScanner(file); lines.Scan(); {
		columns := strings.Fields(lines.Text())
		if len(columns) <= columnInode || address(columns[columnLocal]) != unmapped(local) || address(columns[columnRemote]) != unmapped(remote) {
			continue
		}
		if columns[columnInode] == "0" {
			return 0, false // closed already: its row names no owner, and user 0
		}
		uid, err := strconv.Atoi(columns[columnUID])
		return uid, err == nil
	}
	return 0, false
}

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// address reads an address of the table: hexadecimal, in words of the machine's byte order.
func address(s string) netip.AddrPort {
	ip, port, _ := strings.Cut(s, ":")
	raw, err := hex.DecodeString(ip)
	n, portErr := strconv.ParseUint(port, 16, 16)
	if err != nil || portErr != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}
	}
	for word := range len(raw) / 4 {
		binary.NativeEndian.PutUint32(raw[4*word:], binary.BigEndian.Uint32(raw[4*word:]))
	}
	parsed, ok := netip.AddrFromSlice(raw)
	if !ok {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(parsed.Unmap(), uint16(n))
}
