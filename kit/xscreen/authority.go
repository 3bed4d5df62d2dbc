package xscreen

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
)

const (
	cookieName = "MIT-MAGIC-COOKIE-1"
	cookieSize = 16
	// familyWild matches every host (Xauth.h): the file holds for this screen
	// also when the host's name changes.
	familyWild = 0xffff
)

// newCookie returns a secret that clients must know to use the screen.
func newCookie() []byte {
	cookie := make([]byte, cookieSize)
	rand.Read(cookie)
	return cookie
}

// writeAuthority writes an Xauthority file with one cookie, in the format of
// Xau(3). An empty display number matches every display.
func writeAuthority(path, number string, cookie []byte) error {
	b := binary.BigEndian.AppendUint16(nil, familyWild)
	for _, field := range []string{"", number, cookieName, string(cookie)} {
		b = binary.BigEndian.AppendUint16(b, uint16(len(field)))
		b = append(b, field...)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return fmt.Errorf("screen: write the authority file: %w", err)
	}
	return nil
}
