"""GLSL 3.30 of the renderer: images in boxes, and rounded boxes and segments by their distance function."""

from typing import Final

PICTURE_VERTEX: Final = """
#version 330 core
uniform vec2 size;
uniform vec4 box;
out vec2 place;
void main() {
    place = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    vec2 at = (box.xy + place * box.zw) / size;
    gl_Position = vec4(2.0 * at.x - 1.0, 1.0 - 2.0 * at.y, 0.0, 1.0);
}
"""

# filtering 0: one square per pixel, its edges a screen pixel wide; 1: bilinear; 2: Catmull-Rom from five
# bilinear reads (the inner two rows and columns of weights are joined, so that the hardware adds them; the corners are
# left out, which changes a pixel by 2 of 255 at most and is a quarter of the time in software), kept between
# the four nearest pixels, so that edges have no halo.
PICTURE_FRAGMENT: Final = """
#version 330 core
uniform sampler2D image;
uniform vec2 texels;
uniform int filtering;
uniform float opacity;
in vec2 place;
out vec4 colour;

vec4 catmull_rom(vec2 at) {
    vec2 centre = floor(at - 0.5) + 0.5;
    vec2 f = at - centre;
    vec2 w0 = f * (-0.5 + f * (1.0 - 0.5 * f));
    vec2 w1 = 1.0 + f * f * (-2.5 + 1.5 * f);
    vec2 w2 = f * (0.5 + f * (2.0 - 1.5 * f));
    vec2 w3 = f * f * (-0.5 + 0.5 * f);
    vec2 w12 = w1 + w2;
    vec2 p0 = (centre - 1.0) / texels;
    vec2 p12 = (centre + w2 / w12) / texels;
    vec2 p3 = (centre + 2.0) / texels;
    vec4 sum = texture(image, p12) * (w12.x * w12.y);
    sum += texture(image, vec2(p0.x, p12.y)) * (w0.x * w12.y) + texture(image, vec2(p3.x, p12.y)) * (w3.x * w12.y);
    sum += texture(image, vec2(p12.x, p0.y)) * (w12.x * w0.y) + texture(image, vec2(p12.x, p3.y)) * (w12.x * w3.y);
    sum /= w12.x * w12.y + (w0.x + w3.x) * w12.y + w12.x * (w0.y + w3.y);
    ivec2 last = ivec2(texels) - 1;
    ivec2 a = clamp(ivec2(centre), ivec2(0), last), b = clamp(ivec2(centre) + 1, ivec2(0), last);
    vec4 c0 = texelFetch(image, a, 0), c1 = texelFetch(image, ivec2(b.x, a.y), 0);
    vec4 c2 = texelFetch(image, ivec2(a.x, b.y), 0), c3 = texelFetch(image, b, 0);
    return clamp(sum, min(min(c0, c1), min(c2, c3)), max(max(c0, c1), max(c2, c3)));
}

void main() {
    vec2 at = place * texels;
    if (filtering == 2) {
        colour = catmull_rom(at) * opacity;
    } else {
        if (filtering == 0) {
            vec2 seam = floor(at + 0.5);
            at = seam + clamp((at - seam) / max(fwidth(at), 1e-6), -0.5, 0.5);
        }
        colour = texture(image, at / texels) * opacity;
    }
}
"""

SHAPE_VERTEX: Final = """
#version 330 core
uniform vec2 size;
layout(location = 0) in vec4 ends;
layout(location = 1) in vec4 form;
layout(location = 2) in vec4 fill;
layout(location = 3) in vec4 border;
out vec2 at;
flat out vec4 shape_ends;
flat out vec4 shape_form;
flat out vec4 shape_fill;
flat out vec4 shape_border;
void main() {
    float margin = 1.0 + (form.z > 0.5 ? form.x : 0.0);
    vec2 low = min(ends.xy, ends.zw) - margin;
    vec2 high = max(ends.xy, ends.zw) + margin;
    at = mix(low, high, vec2(gl_VertexID & 1, gl_VertexID >> 1));
    shape_ends = ends;
    shape_form = form;
    shape_fill = fill;
    shape_border = border;
    gl_Position = vec4(2.0 * at.x / size.x - 1.0, 1.0 - 2.0 * at.y / size.y, 0.0, 1.0);
}
"""

SHAPE_FRAGMENT: Final = """
#version 330 core
in vec2 at;
flat in vec4 shape_ends;
flat in vec4 shape_form;
flat in vec4 shape_fill;
flat in vec4 shape_border;
out vec4 colour;

float box_distance() {
    vec2 half_size = 0.5 * (shape_ends.zw - shape_ends.xy);
    float radius = min(shape_form.x, min(half_size.x, half_size.y));
    vec2 q = abs(at - 0.5 * (shape_ends.xy + shape_ends.zw)) - half_size + radius;
    return length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - radius;
}

float segment_distance() {
    vec2 along = shape_ends.zw - shape_ends.xy;
    vec2 from = at - shape_ends.xy;
    float part = clamp(dot(from, along) / max(dot(along, along), 1e-9), 0.0, 1.0);
    return length(from - part * along) - shape_form.x;
}

vec4 premultiplied(vec4 straight) { return vec4(straight.rgb * straight.a, straight.a); }

void main() {
    float distance = shape_form.z > 0.5 ? segment_distance() : box_distance();
    float inside = clamp(0.5 - distance, 0.0, 1.0);
    float rim = shape_form.y > 0.0 ? clamp(0.5 + distance + shape_form.y, 0.0, 1.0) : 0.0;
    colour = mix(premultiplied(shape_fill), premultiplied(shape_border), rim) * inside;
}
"""
