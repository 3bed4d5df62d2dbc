package settings

import (
	"strings"

	"github.com/alecthomas/kong"
)

// environment gives each flag its variable: --storage-max-gb has
// GROKPUTER_STORAGE_MAX_GB. A tag env:"NAME" gives another, and env:"-" none.
//
// kong's own DefaultEnvars takes a digit for a word: it would make
// GROKPUTER_S_3_ENDPOINT of --s3-endpoint.
func environment() kong.Option {
	return kong.PostBuild(func(k *kong.Kong) error {
		visit(k.Model.Node, func(flag *kong.Flag) {
			switch {
			case flag.Name == "help":
				return
			case len(flag.Envs) == 1 && flag.Envs[0] == "-":
				flag.Envs = nil
			case len(flag.Envs) == 0:
				flag.Envs = []string{EnvName(flag.Name)}
			}
			flag.Tag.Envs = flag.Envs
		})
		return nil
	})
}

// EnvName is the environment variable of a flag.
func EnvName(flag string) string {
	return EnvPrefix + "_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(flag))
}

// visit calls f with every flag of every command.
func visit(node *kong.Node, f func(*kong.Flag)) {
	for _, flag := range node.Flags {
		f(flag)
	}
	for _, child := range node.Children {
		visit(child, f)
	}
}
