// Package credentials makes the secrets that keep other processes out of our
// NATS and S3 servers, and lets the ordinary nats client find them.
package credentials

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// FileName is the name of the file in the data directory.
const FileName = "credentials.json"

// user is the name in every pair; the other half is the secret.
const user = "grokputer"

var (
	// ErrExposed tells that others can read the file, so it may be no secret any more.
	ErrExposed = errors.New("others can read the credentials")
	// ErrBroken tells that the file does not hold credentials.
	ErrBroken = errors.New("the credentials file is broken")
)

// Credentials are what the embedded servers ask for and their clients present.
type Credentials struct {
	NATSUser     string `json:"nats_user"`
	NATSPassword string `json:"nats_password"`
	S3AccessKey  string `json:"s3_access_key"`
	S3SecretKey  string `json:"s3_secret_key"`
}

// String keeps the secrets out of logs.
func (c Credentials) String() string {
	return fmt.Sprintf("{NATS user %s, S3 access key %s, secrets withheld}", c.NATSUser, c.S3AccessKey)
}

// GoString keeps the secrets out of %#v too.
func (c Credentials) GoString() string { return "credentials.Credentials" + c.String() }

// Ensure reads the credentials in dir, and makes them when there are none. Of
// several processes that do so at once all get the same. A file that others
// can read is refused with ErrExposed.
func Ensure(dir string) (Credentials, error) {
	path := filepath.Join(dir, FileName)
	c, err := read(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return c, err
	}
	if err := create(path); err != nil {
		return Credentials{}, fmt.Errorf("make the credentials: %w", err)
	}
	return read(path)
}

func read(path string) (Credentials, error) {
	f, err := os.Open(path)
	if err != nil {
		return Credentials{}, fmt.Errorf("read the credentials: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read from
	info, err := f.Stat()
	if err != nil {
		return Credentials{}, fmt.Errorf("read the credentials: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return Credentials{}, fmt.Errorf("%w: %s has mode %04o: remove it to have new ones made, "+
			"or `chmod 600` it if no one else uses this machine", ErrExposed, path, mode)
	}
	var c Credentials
	if err := json.NewDecoder(f).Decode(&c); err != nil {
		return Credentials{}, fmt.Errorf("%w: %s: %w: remove it to have new ones made", ErrBroken, path, err)
	}
	if c.NATSUser == "" || c.NATSPassword == "" || c.S3AccessKey == "" || c.S3SecretKey == "" {
		return Credentials{}, fmt.Errorf("%w: %s: a field is missing: remove it to have new ones made", ErrBroken, path)
	}
	return c, nil
}

// create writes new credentials. The file appears whole or not at all, and one
// that another process made in the meantime stays.
func create(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	body, err := json.MarshalIndent(Credentials{
		// rand.Text has 128 bits or more.
		NATSUser: user, NATSPassword: rand.Text(),
		S3AccessKey: user, S3SecretKey: rand.Text(),
	}, "", "  ")
	if err != nil {
		return err
	}
	part, err := writePart(dir, append(body, '\n'))
	if err != nil {
		return err
	}
	err = os.Link(part, path) // unlike a rename it fails when there is a file already
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(part))
}

// writePart writes a temporary file with mode 0600 in dir and returns its path.
func writePart(dir string, body []byte) (string, error) {
	f, err := os.CreateTemp(dir, ".part-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(body)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
