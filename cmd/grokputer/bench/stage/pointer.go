package stage

import (
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// parkPointer moves the pointer to the lower right corner of a display, where
// nothing of a page is that could show that it is pointed at.
func parkPointer(display string) error {
	conn, err := xgb.NewConnDisplay(display)
	if err != nil {
		return fmt.Errorf("park the pointer: %w", err)
	}
	defer conn.Close()
	root := xproto.Setup(conn).DefaultScreen(conn)
	corner := [2]int16{int16(root.WidthInPixels - 1), int16(root.HeightInPixels - 1)}
	err = xproto.WarpPointerChecked(conn, xproto.WindowNone, root.Root, 0, 0, 0, 0, corner[0], corner[1]).Check()
	if err != nil {
		return fmt.Errorf("park the pointer: %w", err)
	}
	return nil
}
