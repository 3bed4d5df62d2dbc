package pages

import "github.com/grokputer/grokputer/cmd/grokputer/bench/lines"

// Log keeps recorded sessions in a file, one a line, so that an interrupted recording
// goes on where it was.
type Log struct{ *lines.File[Recorded] }

// OpenLog opens a log, making it if need be. A line that an earlier process did not
// finish is dropped.
func OpenLog(path string) (*Log, error) {
	file, err := lines.Open[Recorded](path, "recorded sessions")
	if err != nil {
		return nil, err
	}
	return &Log{file}, nil
}

// Count is how many steps were recorded.
func (l *Log) Count() (n int) {
	for _, s := range l.All() {
		n += len(s.Steps)
	}
	return n
}

// Next is the number of the first session that was not recorded.
func (l *Log) Next() uint64 {
	all := l.All()
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Number + 1
}
