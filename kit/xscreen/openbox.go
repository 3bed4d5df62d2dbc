package xscreen

import _ "embed"

//go:embed openbox.xml
var openboxXML string

// openboxConfig is the window manager's configuration: windows can be focused,
// moved, resized and closed; there are no menus and no keys, and the root
// window answers to nothing.
func openboxConfig() []byte { return []byte(openboxXML) }
