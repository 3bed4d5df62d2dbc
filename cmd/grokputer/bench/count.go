package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/grokputer/grokputer/contracts"
)

// drawCount: the PDF files in random folders of the vault are counted.
func drawCount(rng *rand.Rand) Case {
	files := randomFiles(rng)
	pdfs := 0
	for _, f := range files {
		if strings.HasSuffix(f, ".pdf") {
			pdfs++
		}
	}
	return Case{
		Kind: "count",
		Task: one(rng,
			"scan the vault for PDFs and count them",
			"scan the vault for PDF files and count them",
			"count the PDFs in the vault",
			"how many PDF files are there in the vault?",
			"look through the vault for PDFs and count them please",
			"search the vault and tell me how many PDFs it has",
		),
		Prepare: func(p Place) error {
			if err := p.emptyFolder("vault"); err != nil {
				return err
			}
			for _, f := range files {
				path := filepath.Join(p.Folders["vault"], f)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					return err
				}
				if err := os.WriteFile(path, []byte("bench"), 0o600); err != nil {
					return err
				}
			}
			return nil
		},
		Judge: func(_ context.Context, _ Place, end contracts.TaskEnded) (string, error) {
			if !says(end.Answer, pdfs) {
				return fmt.Sprintf("the answer is %q, there are %d", end.Answer, pdfs), nil
			}
			return "", nil
		},
	}
}

// randomFiles are up to sixty paths with folders up to three deep.
func randomFiles(rng *rand.Rand) []string {
	folders := []string{"."}
	for range rng.IntN(6) {
		parent := one(rng, folders...)
		if strings.Count(parent, "/") < 2 {
			folders = append(folders, parent+"/"+randomWord(rng))
		}
	}
	taken := map[string]bool{}
	var files []string
	for i := range rng.IntN(60) {
		name := one(rng, folders...) + "/" + randomWord(rng) + strconv.Itoa(i) + one(rng, ".pdf", ".pdf", ".txt", ".png", ".pdf.txt", "pdf")
		if !taken[name] {
			taken[name] = true
			files = append(files, name)
		}
	}
	return files
}
