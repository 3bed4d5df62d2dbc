package checkup

import (
	"context"
	"fmt"

	"github.com/grokputer/grokputer/cmd/grokputer/basemodel"
)

// Model looks whether the base model k is in a folder, whole and right.
func Model(dir string, k basemodel.Known) Probe {
	const name = "model"
	return func(ctx context.Context) Finding {
		e, err := basemodel.Look(ctx, dir, k)
		switch {
		case err != nil:
			return missing(name, err.Error(), "make the file readable, or fetch it again with `grokputer models pull`")
		case e.State != basemodel.StateOK:
			return missing(name, e.Path+" is "+string(e.State), "run `grokputer models pull`")
		default:
			return found(name, fmt.Sprintf("%s, %d MB, sha256 right", e.Path, e.Bytes>>20))
		}
	}
}

// Models looks whether all of these are in a folder, whole and right.
func Models(name, dir string, known ...basemodel.Known) Probe {
	return func(ctx context.Context) Finding {
		if len(known) == 0 {
			return missing(name, "there is nothing to fetch for this processor", "")
		}
		for _, k := range known {
			if f := Model(dir, k)(ctx); f.State != StateOK {
				f.Name = name
				return f
			}
		}
		return found(name, fmt.Sprintf("%d files in %s, sha256 right", len(known), dir))
	}
}
