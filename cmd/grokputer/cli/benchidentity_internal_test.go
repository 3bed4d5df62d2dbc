package cli

import "testing"

// A program says what its build noted, wherever it lies or runs.
func TestCommit(t *testing.T) {
	t.Parallel()
	const revision = "0123456789abcdef0123456789abcdef01234567"
	for _, c := range []struct {
		info buildInfo
		want string
	}{
		{buildInfo{Revision: revision}, "0123456789ab"},
		{buildInfo{Revision: revision, Modified: true}, "0123456789ab with changes"},
		{buildInfo{}, "unknown"},
	} {
		if got := c.info.commit(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.info, got, c.want)
		}
	}
}
