// Package imagechat makes marketing images by conversation.
package imagechat
