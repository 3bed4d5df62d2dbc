package main

import "testing"

// TestSeeLive looks at the screen of the Grokputer that is up.
func TestSeeLive(t *testing.T) {
	t.Parallel()
	h := newHome(t, planner(t, `open "text editor"`, `type "hello eyes"`, "done"))
	p := h.start(append([]string{"run", "--stay", "--no-rate", "write it"}, h.args...)...)
	p.until("staying up")
	h.start("see", "--live", "--observer-reader", "tesseract").wait(0, "hello eyes", `menu "File"`, "read by tesseract")
	p.interrupt()
	<-p.ended
}
