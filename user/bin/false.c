/* false: does not succeed. */
int
main(void)
{
	return 1;
}
