# Joins the lines of a paragraph, swaps two words, numbers what is left.
:more
$!{
N
/\n$/!b more
}
s/\n\(.\)/ \1/g
s/\([[:alpha:]]\{1,\}\) \([[:alpha:]]\{1,\}\)/<\2 \1>/3
y/abc/ABC/
/the/{
i\
before it
a after it
}
$!d
=
