package shadow

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/grokputer/grokputer/contracts/prompt"
)

// Answers are what one version said at earlier replays, in a file. It holds digests only:
// neither what was on a screen nor what was typed can be read from it, so it may outlive
// a session that its user deletes. It is for one goroutine.
type Answers struct {
	file *os.File
	said map[string]string
}

// answersFormat changes when the same version might answer otherwise than before.
const answersFormat = "1"

// entry is a line of the file.
type entry struct {
	Asked string `json:"asked"` // digest of the prompt and of how long the answer may be
	Said  string `json:"said"`  // digest of the action; empty when the prompt was too long
}

// OpenAnswers opens the file of a version, which it makes when it is not there, in a folder;
// a version is told by the digests of the base model's and of the adapter's weights, empty for
// the base alone. Of a line that was not written whole nothing is kept.
func OpenAnswers(folder, modelSHA256, adapterSHA256 string) (*Answers, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("keep the answers: %w", err)
	}
	name := digest(answersFormat+"\n"+modelSHA256+"\n"+adapterSHA256) + ".jsonl"
	f, err := os.OpenFile(filepath.Join(folder, name), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep the answers: %w", err)
	}
	a := &Answers{file: f, said: map[string]string{}}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			a.said[e.Asked] = e.Said
		}
	}
	if err := lines.Err(); err != nil {
		return nil, errors.Join(fmt.Errorf("read the answers: %w", err), f.Close())
	}
	return a, nil
}

// Close closes the file.
func (a *Answers) Close() error { return a.file.Close() }

// asked identifies a question.
func asked(state prompt.State, most int) string {
	return digest(strconv.Itoa(most) + "\n" + prompt.System + "\n" + prompt.Render(state))
}

// keep stores an answer. The line begins with a line end, for the last one may be torn.
func (a *Answers) keep(asked, said string) error {
	line, err := json.Marshal(entry{asked, said})
	if err == nil {
		_, err = a.file.Write(append(append([]byte("\n"), line...), '\n'))
	}
	if err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	a.said[asked] = said
	return nil
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
