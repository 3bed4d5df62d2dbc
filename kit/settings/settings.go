// Package settings reads a program's settings: a flag first, then an
// environment variable, then a line of grokputer.yaml, then the default in the
// program's own declaration. Each is named once, as a field of a kong struct:
//
//	flag          --storage-max-gb 20
//	environment   GROKPUTER_STORAGE_MAX_GB=20
//	YAML          storage:
//	                max_gb: 20
package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"
)

// EnvPrefix begins the name of every environment variable.
const EnvPrefix = "GROKPUTER"

// FileName is the name of the settings file.
const FileName = "grokputer.yaml"

// Options say how a program reads its settings.
type Options struct {
	// Name and Description stand in the program's help.
	Name, Description string
	// Files are read in order, the last one winning; one that is not there is
	// passed over.
	Files []string
	// Shared ignores sections of the files of which this program has no
	// setting: one file then serves several programs. A key that is wrong in a
	// section that it has remains an error.
	Shared bool
	// Kong are further options of the parser.
	Kong []kong.Option
}

// Parse fills cli, a pointer to a kong struct, from the arguments (without the
// program's name), the environment and the files. A field of type
// kong.ConfigFlag names one more file.
func Parse(args []string, cli any, o Options) (*kong.Context, error) {
	load := loader(o.Shared)
	options := []kong.Option{
		kong.Name(o.Name),
		kong.Description(o.Description),
		kong.UsageOnError(),
		environment(),
		kong.Configuration(load), // for kong.ConfigFlag
	}
	for _, path := range o.Files {
		resolver, err := open(path, o.Shared)
		if err != nil {
			return nil, err
		}
		if resolver != nil {
			options = append(options, kong.Resolvers(resolver))
		}
	}
	parser, err := kong.New(cli, append(options, o.Kong...)...)
	if err != nil {
		return nil, fmt.Errorf("declare the settings: %w", err)
	}
	return parser.Parse(args)
}

// DataDir is where data goes unless told otherwise: $GROKPUTER_DATA, else
// $XDG_DATA_HOME/grokputer, else ~/.local/share/grokputer. It is absolute, and
// not made.
func DataDir() (string, error) {
	dir := os.Getenv(EnvPrefix + "_DATA")
	if dir == "" {
		if home := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(home) { // else it is to be ignored
			dir = filepath.Join(home, "grokputer")
		}
	}
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", errors.New("no data directory: set GROKPUTER_DATA or HOME")
		}
		dir = filepath.Join(home, ".local", "share", "grokputer")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the data directory: %w", err)
	}
	return dir, nil
}

// Files returns where a settings file is looked for: the user's configuration
// folder, then the working directory, which wins.
func Files() []string {
	var files []string
	if dir, err := os.UserConfigDir(); err == nil {
		files = append(files, filepath.Join(dir, "grokputer", FileName))
	}
	return append(files, FileName)
}
