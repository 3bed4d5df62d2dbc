package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"time"
)

//go:embed static
var static embed.FS

// asset is one file that pages load.
type asset struct {
	body []byte
	hash string // of its content
}

// assets are the files under /static/, by name.
type assets map[string]asset

// newAssets reads the embedded files.
func newAssets() assets {
	entries, err := static.ReadDir("static")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	files := make(assets, len(entries))
	for _, e := range entries {
		body, err := static.ReadFile(path.Join("static", e.Name()))
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		files[e.Name()] = asset{body: body, hash: hex.EncodeToString(sum[:8])}
	}
	return files
}

// link is the address of a file. It changes with the content, so that a browser can keep it for ever.
func (a assets) link(name string) string { return "/static/" + name + "?v=" + a[name].hash }

// ServeHTTP answers with the file that the path names.
func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	keep := "no-cache"
	if r.URL.Query().Get("v") == file.hash {
		keep = "public, max-age=31536000, immutable"
	}
	w.Header().Set("Cache-Control", keep)
	w.Header().Set("ETag", `"`+file.hash+`"`)
	w.Header().Set("Content-Type", contentType(r.URL.Path))
	http.ServeContent(w, r, r.URL.Path, time.Time{}, bytes.NewReader(file.body))
}

// contentType does not depend on the machine's own table for the kinds that are embedded.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return mime.TypeByExtension(ext)
	}
}
