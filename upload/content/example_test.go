package content_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"strings"

	"github.com/gopalisade/palisade/upload/content"
)

// picture is a photo, as far as this file is concerned.
func picture() []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil)
	return b.Bytes()
}

func ExampleCheck() {
	photo := picture()
	report, err := content.Check(context.Background(), bytes.NewReader(photo), int64(len(photo)), content.JPEG, content.Limits{})
	fmt.Println(report.Width, report.Height, err)

	report, err = content.Check(context.Background(), bytes.NewReader(photo), int64(len(photo)), content.PNG, content.Limits{})
	fmt.Println(report.Width, report.Height, err)
	// Output:
	// 40 30 <nil>
	// 0 0 content: not of that type: image/png: first bytes, at byte 0
}

// What looks like an image from the front is often believed to be one. Here a page stands behind it.
func Example_onlyTheFirstBytes() {
	both := append(picture(), "<script>alert(document.domain)</script>"...)

	fmt.Println("http.DetectContentType:", http.DetectContentType(both))
	kind, _ := content.Sniff(both)
	fmt.Println("Sniff:", kind)
	_, err := content.Check(context.Background(), bytes.NewReader(both), int64(len(both)), content.JPEG, content.Limits{})
	fmt.Println("Check:", errors.Is(err, content.ErrTrailing))
	// Output:
	// http.DetectContentType: image/jpeg
	// Sniff: image/jpeg
	// Check: true
}

func ExampleReencoder() {
	e, err := content.NewReencoder(content.ReencoderConfig{Memory: 256 << 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	comment := "\xff\xfe\x00\x0ftaken at home"
	photo := picture()
	photo = append(append(photo[:2:2], comment...), photo[2:]...)

	var clean bytes.Buffer
	kind, err := e.Reencode(context.Background(), &clean, bytes.NewReader(photo), int64(len(photo)), content.JPEG,
		content.Limits{})
	fmt.Println(kind, err)
	fmt.Println(bytes.Contains(photo, []byte("home")), bytes.Contains(clean.Bytes(), []byte("home")))
	// Output:
	// image/jpeg <nil>
	// true false
}

func ExampleByExtension() {
	name := "Holiday.JPEG"
	kind, ok := content.ByExtension(name[strings.LastIndexByte(name, '.')+1:])
	fmt.Println(kind, kind.Inline(), ok)
	// Output:
	// image/jpeg true true
}
