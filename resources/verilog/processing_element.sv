// SPDX-License-Identifier: Apache-2.0
// A processing element for any pair of number formats, and what takes the formats apart.
//
// Each operand is decoded to sign, significand and shift: value = (-1)^sign * significand * 2^shift in
// units of the format's least step. The product of the significands is shifted into a two's complement
// accumulator, so that sums are exact: for posits that is the quire (Posit Standard 2022), for floats a
// Kulisch accumulator. With DROP > 0 the accumulator is bounded: the lowest DROP bits of each product
// are cut (rounded toward minus infinity) and sums saturate at ACC bits.
//
// KIND: 0 integer or fixed point in two's complement, 1 unsigned, 2 float (sign, exponent, mantissa),
// 3 posit, 4 power of two (sign and code c: zero for 0, else 2^(c - largest)).
// X is the posit's exponent size or the float's exponent width. SPECIALS of a float: 0 IEEE (the top
// exponent is infinities and NaN), 1 the all-ones code is NaN, 2 the code of minus zero is NaN, 3 none.

`timescale 1ns / 1ps

module bitloupe_decode #(
    parameter int KIND = 0,
    parameter int W = 8,
    parameter int X = 0,
    parameter int SPECIALS = 0,
    parameter int SUBNORMALS = 1,
    parameter int SIG = 8,   // bits of the significand
    parameter int SHIFT = 1  // bits of the shift
) (
    input  logic [W-1:0]     code,
    output logic             sign,
    output logic [SIG-1:0]   significand,
    output logic [SHIFT-1:0] shift,
    output logic             invalid  // NaN, infinity or NaR
);
    generate
        if (KIND == 0) begin : integers
            assign sign = code[W-1];
            // One bit more than the code, for the magnitude of the most negative one.
            wire [W:0] magnitude = sign ? {1'b0, ~code} + 1'b1 : {1'b0, code};
            assign significand = magnitude[SIG-1:0];
            assign shift = '0;
            assign invalid = 1'b0;
        end else if (KIND == 1) begin : naturals
            assign sign = 1'b0;
            assign significand = code;
            assign shift = '0;
            assign invalid = 1'b0;
        end else if (KIND == 2) begin : floats
            localparam int M = W - 1 - X;
            wire [X-1:0] exponent = code[W-2-:X];
            wire [M:0] fraction = {1'b0, code} & ((1 << M) - 1);
            wire normal = |exponent;
            wire top = &exponent;
            assign sign = code[W-1];
            assign significand = normal ? (fraction | (1 << M)) : (SUBNORMALS != 0 ? fraction : '0);
            assign shift = normal ? exponent - 1'b1 : '0;
            assign invalid = SPECIALS == 0 ? top
                           : SPECIALS == 1 ? top && fraction == (1 << M) - 1
                           : SPECIALS == 2 ? code == (1 << (W - 1)) : 1'b0;
        end else if (KIND == 3) begin : posits
            localparam int F = SIG - 1;  // fraction bits of the longest fraction
            localparam int WIDE = W - 1 + X + 1;
            wire [W-1:0] body = code[W-1] ? ~code + 1'b1 : code;
            wire first = body[W-2];
            logic [SHIFT-1:0] run;
            logic counting;
            integer i;
            always_comb begin
                run = '0;
                counting = 1'b1;
                for (i = W - 2; i >= 0; i = i - 1) begin
                    counting = counting && body[i] == first;
                    run = run + {{(SHIFT - 1) {1'b0}}, counting};
                end
            end
            // What follows the regime and its end, from the top bit on; zeros beyond the code.
            wire [WIDE-1:0] tail = {body[W-2:0], {(X + 1) {1'b0}}} << (run + 1'b1);
            wire [WIDE-1:0] exponent = X == 0 ? '0 : tail >> (WIDE - X);
            wire [WIDE-1:0] rest = tail << X;
            assign sign = code[W-1];
            assign significand = {1'b1, {F{1'b0}}} | (F == 0 ? '0 : rest >> (WIDE - F));
            // Counted from minpos, whose regime is W - 2 zeros.
            assign shift = ((first ? (W - 3) + run : (W - 2) - run) << X) + exponent;
            assign invalid = code == {1'b1, {(W - 1) {1'b0}}};
        end else begin : powers
            wire [W-2:0] c = code[W-2:0];
            assign sign = code[W-1];
            assign significand = |c;
            assign shift = |c ? c - 1'b1 : '0;
            assign invalid = 1'b0;
        end
    endgenerate
endmodule

module bitloupe_pe #(
    parameter int KIND_A = 0, parameter int WIDTH_A = 8, parameter int X_A = 0,
    parameter int SPECIALS_A = 0, parameter int SUBNORMALS_A = 1,
    parameter int SIG_A = 8, parameter int SHIFT_A = 1,
    parameter int KIND_B = 0, parameter int WIDTH_B = 8, parameter int X_B = 0,
    parameter int SPECIALS_B = 0, parameter int SUBNORMALS_B = 1,
    parameter int SIG_B = 8, parameter int SHIFT_B = 1,
    parameter int EXACT = 32,  // bits of an exact product with its sign, zeros included
    parameter int ZEROS = 0,   // lowest bits of every product that are always zero
    parameter int DROP = 0,    // further bits that a bounded accumulator has not
    parameter int ACC = 32
) (
    input  logic               clock,
    input  logic               clear,  // starts a new sum with this product
    input  logic               enable,
    input  logic [WIDTH_A-1:0] a,
    input  logic [WIDTH_B-1:0] b,
    output logic [ACC-1:0]     sum,
    output logic               invalid  // an operand since the last clear was no number
);
    logic sign_a, sign_b, bad_a, bad_b;
    logic [SIG_A-1:0] sig_a;
    logic [SIG_B-1:0] sig_b;
    logic [SHIFT_A-1:0] shift_a;
    logic [SHIFT_B-1:0] shift_b;
    bitloupe_decode #(KIND_A, WIDTH_A, X_A, SPECIALS_A, SUBNORMALS_A, SIG_A, SHIFT_A)
        decode_a (a, sign_a, sig_a, shift_a, bad_a);
    bitloupe_decode #(KIND_B, WIDTH_B, X_B, SPECIALS_B, SUBNORMALS_B, SIG_B, SHIFT_B)
        decode_b (b, sign_b, sig_b, shift_b, bad_b);

    localparam int WIDER = EXACT > ACC ? EXACT : ACC;
    // A posit's zero has a significand in this decoding; its code says that it is zero.
    wire zero = (KIND_A == 3 && a == 0) || (KIND_B == 3 && b == 0) || bad_a || bad_b;
    wire [EXACT-1:0] narrow = sig_a * sig_b;
    wire [EXACT-1:0] magnitude = zero ? '0 : narrow << shift_a << shift_b;
    wire [EXACT-1:0] signed_product = sign_a != sign_b ? ~magnitude + 1'b1 : magnitude;
    wire signed [EXACT-1:0] product = $signed(signed_product) >>> (ZEROS + DROP);
    wire signed [WIDER:0] wide = product;
    wire signed [ACC-1:0] held = clear ? {ACC{1'b0}} : sum;
    wire signed [WIDER:0] prior = held;
    wire signed [WIDER:0] total = prior + wide;
    // The sum overflows when the bits above its sign are not copies of it.
    wire [WIDER-ACC+1:0] above = total[WIDER:ACC-1];
    wire fits = (&above) || !(|above);

    always_ff @(posedge clock) begin
        if (enable) begin
            sum <= fits ? total[ACC-1:0]
                        : total[WIDER] ? {1'b1, {(ACC - 1) {1'b0}}} : {1'b0, {(ACC - 1) {1'b1}}};
            invalid <= (bad_a || bad_b) || (invalid && !clear);
        end
    end
endmodule

// The posit nearest to an exact sum whose last bit is 2^-(2 * (N - 2) * 2^ES): ties to the even code,
// never to zero, saturating.
module bitloupe_round_posit #(
    parameter int N = 8,
    parameter int ES = 1,
    parameter int ACC = 64
) (
    input  logic [ACC-1:0] sum,
    input  logic           invalid,
    output logic [N-1:0]   code
);
    localparam int UNIT = 2 * ((N - 2) << ES);  // minus the exponent of the last bit
    localparam int WIDE = ACC + N + ES + 2;
    wire negative = sum[ACC-1];
    wire [ACC-1:0] magnitude = negative ? ~sum + 1'b1 : sum;
    integer i;
    integer top;
    always_comb begin
        top = 0;
        for (i = 0; i < ACC; i = i + 1) if (magnitude[i]) top = i;
    end
    wire signed [31:0] scale = top - UNIT;
    wire signed [31:0] regime = scale >>> ES;
    wire [31:0] low = scale - (regime <<< ES);
    wire above_range = regime >= N - 2;
    wire below_range = regime < -(N - 2);
    wire [ACC-1:0] fraction = (magnitude << (ACC - 1 - top)) << 1;  // without the leading one
    wire [WIDE-1:0] start = ({{(WIDE - 2) {1'b0}}, regime >= 0, regime < 0} << (WIDE - 2))
                          | ({{(WIDE - 32) {1'b0}}, low} << (WIDE - 2 - ES))
                          | ({{(WIDE - ACC) {1'b0}}, fraction} << (WIDE - 2 - ES - ACC));
    wire [31:0] distance = regime >= 0 ? regime : -regime - 1;
    wire [WIDE-1:0] bits = $signed(start) >>> distance;
    wire [N-2:0] kept = bits[WIDE-1-:N-1];
    wire up = bits[WIDE-N] && ((|bits[WIDE-N-1:0]) || kept[0]);
    wire [N-1:0] rounded = {1'b0, kept} + {{(N - 1) {1'b0}}, up};
    wire [N-1:0] body = above_range || rounded[N-1] ? {1'b0, {(N - 1) {1'b1}}}
                      : below_range || rounded == 0 ? {{(N - 1) {1'b0}}, 1'b1}
                      : rounded;
    assign code = invalid ? {1'b1, {(N - 1) {1'b0}}}
                : magnitude == 0 ? '0
                : negative ? ~body + 1'b1 : body;
endmodule
