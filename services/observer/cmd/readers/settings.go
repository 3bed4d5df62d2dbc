// Package readers joins the readers to one: which of them reads is a setting,
// and it reads in processes of its own.
package readers

import (
	"path/filepath"
)

// The names of the readers.
const (
	PPOCR     = "ppocr"
	Tesseract = "tesseract"
)

// Settings are a kong struct, embedded with the prefix observer-.
type Settings struct {
	Reader      string `help:"What reads the text of the screen: ppocr, which reads best, or tesseract. The other one serves where it cannot be used." enum:"ppocr,tesseract" default:"ppocr" placeholder:"NAME"`
	Models      string `help:"Folder with the files of ppocr, which grokputer models pull fetches; the data folder's models folder when not given." type:"path" placeholder:"FOLDER"`
	Workers     int    `help:"How many lines are read at once, each in a process of its own; 0 takes one for each processor, at most 4." default:"0" placeholder:"N"`
	CJK         bool   `name:"cjk" help:"Have ppocr read Chinese, Japanese and Korean as well; without, a sign that stands alone is not taken for one of their characters."`
	WorkerLines int    `help:"After how many lines such a process is replaced by a new one." default:"20000" placeholder:"N"`
	WorkerMB    int    `name:"worker-mb" help:"Above how much memory such a process is replaced, in megabytes." default:"512" placeholder:"N"`
}

// In are the settings with the folder of the models filled in.
func (s Settings) In(data string) Settings {
	if s.Models == "" {
		s.Models = filepath.Join(data, "models")
	}
	return s
}
