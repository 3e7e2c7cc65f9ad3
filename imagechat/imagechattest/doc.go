// Package imagechattest holds what adapters are tested with: a conformance
// suite for each port and a Generator that plays a script.
//
// An adapter's test is a few lines:
//
//	func TestConformance(t *testing.T) {
//		imagechattest.TestBlobStore(t, func(t *testing.T) imagechat.BlobStore {
//			return mystore.New(t.TempDir())
//		})
//	}
//
// open is called once for every subtest, and the subtests run in parallel, so
// it returns a fresh, empty instance that shares nothing with another.
package imagechattest
