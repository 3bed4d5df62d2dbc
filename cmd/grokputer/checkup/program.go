package checkup

import (
	"context"
	"os"
	"os/exec"
)

// Program looks for an executable on PATH. Mend says how to get it.
func Program(name, executable, mend string, essential bool) Probe {
	return func(context.Context) Finding {
		f := found(name, executable)
		if path, err := exec.LookPath(executable); err != nil {
			f = missing(name, executable+" is not on PATH", mend)
		} else {
			f.Detail = path
		}
		f.Essential = essential
		return f
	}
}

// File looks for a file that has to be there.
func File(name, path, mend string) Probe {
	return func(context.Context) Finding {
		if _, err := os.Stat(path); err != nil {
			return missing(name, err.Error(), mend)
		}
		return found(name, path)
	}
}

// Try looks whether something works by using it. use returns what there is to
// say about it, or why it does not work.
func Try(name, mend string, use func(context.Context) (detail string, err error)) Probe {
	return func(ctx context.Context) Finding {
		detail, err := use(ctx)
		if err != nil {
			return missing(name, err.Error(), mend)
		}
		return found(name, detail)
	}
}
